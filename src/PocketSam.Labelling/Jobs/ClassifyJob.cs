using System.Globalization;
using System.Text.Json;
using PocketSam.Imaging;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Pictures;
using PocketSam.Labelling.Storage;
using PocketSam.Server;

namespace PocketSam.Labelling.Jobs;

/// <summary>
/// Guesses the class of each open proposal. It learns from labelled objects, and from masks that are no objects.
/// Guesses are written picture by picture; a stopped run leaves the guesses that it has made, and the next run makes
/// all of them again.
/// </summary>
internal sealed class ClassifyJob(ProjectDatabase database, PictureFolder folder, LabelJobs jobs, PocketSamModel models)
{
    public const string Kind = "classify";

    /// <summary>A class has enough examples with this many objects; no further picture is read for its sake.</summary>
    private const int EnoughOfClass = 200;

    /// <summary>The most masks of no class that are learned from.</summary>
    private const int MaxOfNone = 4_000;

    /// <summary>A dismissed mask is an example of no class only if its IoU with every object is below this.</summary>
    private const double ApartIou = 0.3;

    private const string Readable = "p.state <> 'rejected' AND p.status = 'here'";

    private const string Waiting = $"""
        EXISTS (SELECT 1 FROM proposals q WHERE q.picture_id = p.id AND q.state = 'open' AND q.source = '{ProposalTable.Everything}')
        """;

    private readonly MaskFeatures _features = new(folder);

    /// <summary>Starts the job, or returns the running one.</summary>
    public JobDocument Start() => jobs.Start(Kind, RunAsync);

    /// <summary>Starts the job if there are enough objects to learn from.</summary>
    public async Task StartIfEnoughAsync()
    {
        if (WhyNot(await LabelledAsync()) is null)
            Start();
    }

    private static string? WhyNot(IEnumerable<Labelled> labelled) => ObjectClassifier.WhyNot(labelled.SelectMany(
        own => Enumerable.Repeat((own.ClassId, Name(own.PictureId)), (int)Math.Min(own.Count, ObjectClassifier.LeastObjects))));

    private async Task<JsonElement?> RunAsync(Action<long, long, string> report, CancellationToken cancellation)
    {
        Sam sam = models.Current;
        List<Labelled> labelled = await LabelledAsync();
        var unreadable = new HashSet<long>();
        long guessed = 0, unsure = 0, done = 0;
        if (WhyNot(labelled) is { } why)
            return Result(null, why);
        long[] learned = LearnedFrom(labelled);
        long total = learned.Length + (await database.ReadAsync(session => session.NumberAsync(
            $"SELECT count(*) FROM pictures p WHERE {Readable} AND {Waiting}")) ?? 0);
        var examples = new List<ObjectExample>();
        int nones = 0;
        foreach (long id in learned)
        {
            if (await TryDescribeAsync(id) is not { } seen)
                continue;
            examples.AddRange(seen.Objects.Select(thing => new ObjectExample(thing.Features, thing.ClassId, Name(id))));
            foreach (float[] none in seen.None.Take(MaxOfNone - nones))
            {
                examples.Add(new ObjectExample(none, null, Name(id)));
                nones++;
            }
        }

        if (ObjectClassifier.WhyNot(examples.Where(example => example.Class is not null).Select(example => (example.Class!.Value, example.Picture))) is { } gone)
            return Result(null, gone);
        report(done, total, "learning");
        ObjectClassifier classifier = await Task.Run(() => ObjectClassifier.Fit(examples, cancellation), cancellation);
        for (long last = 0; await NextAsync(last) is { } next; last = next)
        {
            if (await TryDescribeAsync(next) is not { } seen)
                continue;
            (long ofClass, long ofNone) = await KeepAsync([.. seen.Open.Select(mask => (mask.Id, classifier.Guess(mask.Features)))]);
            (guessed, unsure) = (guessed + ofClass, unsure + ofNone);
        }

        report(done, done, "");
        return Result(classifier, null);

        JsonElement Result(ObjectClassifier? learned, string? whyNot) => JsonSerializer.SerializeToElement(
            new ClassifyResult(
                learned?.Classes ?? [], learned?.Objects ?? 0, learned?.Accuracy, learned?.Threshold, guessed, unsure, unreadable.Count, whyNot),
            LabelJson.Types.ClassifyResult);

        async Task<long?> NextAsync(long last) => await database.ReadAsync(session => session.NumberAsync(
            $"SELECT p.id FROM pictures p WHERE {Readable} AND {Waiting} AND p.id > @last ORDER BY p.id LIMIT 1", ("last", last)));

        async Task<PictureFeatures?> TryDescribeAsync(long id)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                (StoredPicture picture, List<StoredObject> objects, List<Proposed> proposals) = await database.ReadAsync(async session => (
                    await PictureTable.GetAsync(session, id), await PictureTable.ObjectsAsync(session, id), await ProposalsAsync(session, id)));
                report(done, Math.Max(done + 1, total), picture.Path);
                return await DescribeAsync(sam, picture, objects, proposals, cancellation);
            }
            catch (Exception e) when (e is ImageFormatException or LabelException { Status: 404 or 410 or 422 })
            {
                unreadable.Add(id);
                return null;
            }
            finally
            {
                done++;
            }
        }
    }

    /// <summary>
    /// Writes the guesses of a picture; returns the number of proposals with a class and without one.
    /// </summary>
    private Task<(long Guessed, long Unsure)> KeepAsync(IReadOnlyList<(long Id, ObjectGuess Guess)> guesses) => database.WriteAsync(
        async session =>
        {
            List<long> classes = await session.QueryAsync("SELECT id FROM classes WHERE removed = 0", row => row.GetInt64(0));
            long guessed = 0, unsure = 0;
            foreach ((long id, ObjectGuess guess) in guesses)
            {
                long? its = guess.Class is { } known && classes.Contains(known) ? known : null;
                int kept = await session.ExecuteAsync(
                    "UPDATE proposals SET class_id = @class, guess = @guess WHERE id = @id AND state = 'open'",
                    ("class", its), ("guess", (double)guess.Probability), ("id", id));
                (guessed, unsure) = its is null ? (guessed, unsure + kept) : (guessed + kept, unsure);
            }

            return (guessed, unsure);
        });

    /// <summary>Computes the features of a picture's objects and proposals.</summary>
    private async Task<PictureFeatures> DescribeAsync(
        Sam sam, StoredPicture picture, List<StoredObject> objects, List<Proposed> proposals, CancellationToken cancellation)
    {
        StoredObject[] known = [.. objects.Where(thing => (thing.Width, thing.Height) == (picture.Width, picture.Height))];
        Proposed[] masks = [.. proposals.Where(mask => (mask.Width, mask.Height) == (picture.Width, picture.Height))];
        IReadOnlyDictionary<string, float[]> features = await _features.OfAsync(
            sam, picture, known.Select(thing => thing.Counts).Concat(masks.Select(mask => mask.Counts)).ToHashSet(), cancellation);
        (Rle Mask, PixelBox Box)[] outlines = [.. known.Where(thing => features.ContainsKey(thing.Counts))
            .Select(thing => Rle.FromCompressed(thing.Counts, picture.Height, picture.Width)).Select(mask => (mask, mask.Bounds))];
        bool isDone = picture.State is "done" or "checked";
        return new PictureFeatures(
            [.. from thing in known where features.ContainsKey(thing.Counts) select (thing.ClassId, features[thing.Counts])],
            [.. from mask in masks
                where features.ContainsKey(mask.Counts) && (isDone || !mask.IsOpen) && IsApart(mask)
                select features[mask.Counts]],
            [.. from mask in masks where features.ContainsKey(mask.Counts) && mask.IsOpen select (mask.Id, features[mask.Counts])]);

        bool IsApart(Proposed mask)
        {
            Rle runs = Rle.FromCompressed(mask.Counts, picture.Height, picture.Width);
            PixelBox box = runs.Bounds;
            return !outlines.Any(other => box.X < other.Box.Right && other.Box.X < box.Right && box.Y < other.Box.Bottom
                && other.Box.Y < box.Bottom && Rle.Iou(runs, other.Mask) >= ApartIou);
        }
    }

    /// <summary>The number of objects per class and picture.</summary>
    private Task<List<Labelled>> LabelledAsync() => database.ReadAsync(session => session.QueryAsync(
        $"""
        SELECT o.class_id, p.id, count(*) FROM objects o JOIN pictures p ON p.id = o.picture_id
        WHERE {Readable} AND o.width = p.width AND o.height = p.height GROUP BY o.class_id, p.id ORDER BY p.id, o.class_id
        """,
        row => new Labelled(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2))));

    /// <summary>The open and the dismissed proposals of a picture.</summary>
    private static Task<List<Proposed>> ProposalsAsync(DbSession session, long picture) => session.QueryAsync(
        $"""
        SELECT id, height, width, counts, state FROM proposals
        WHERE picture_id = @id AND state IN ('open', 'dismissed') AND source = '{ProposalTable.Everything}' ORDER BY id
        """,
        row => new Proposed(row.GetInt64(0), (int)row.GetInt64(1), (int)row.GetInt64(2), row.GetString(3), row.GetString(4) == "open"),
        ("id", picture));

    /// <summary>
    /// The pictures to learn from, in a pseudo-random order. A picture is taken if one of its classes has too few
    /// examples.
    /// </summary>
    private static long[] LearnedFrom(List<Labelled> labelled)
    {
        var counts = new Dictionary<long, long>();
        List<long> taken = [];
        foreach (IGrouping<long, Labelled> picture in labelled.GroupBy(own => own.PictureId).OrderBy(own => Mixed(own.Key)))
        {
            if (picture.All(own => counts.GetValueOrDefault(own.ClassId) >= EnoughOfClass))
                continue;
            taken.Add(picture.Key);
            foreach (Labelled own in picture)
                counts[own.ClassId] = counts.GetValueOrDefault(own.ClassId) + own.Count;
        }

        return [.. taken];

        // Multiplicative hashing, which is injective.
        static ulong Mixed(long id) => unchecked((ulong)id * 0x9E3779B97F4A7C15);
    }

    private static string Name(long picture) => picture.ToString(CultureInfo.InvariantCulture);

    /// <summary>The number of objects of a class on a picture.</summary>
    private sealed record Labelled(long ClassId, long PictureId, long Count);

    /// <summary>An open or dismissed proposal.</summary>
    private sealed record Proposed(long Id, int Height, int Width, string Counts, bool IsOpen);

    /// <summary>Features of a picture's objects, of masks of no class, and of open proposals.</summary>
    private sealed record PictureFeatures(
        IReadOnlyList<(long ClassId, float[] Features)> Objects, IReadOnlyList<float[]> None, IReadOnlyList<(long Id, float[] Features)> Open);
}
