using System.Text.Json;
using PocketSam.Imaging;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Pictures;
using PocketSam.Labelling.Storage;

namespace PocketSam.Labelling.Jobs;

/// <summary>
/// Looks for something in a picture or in all, one after the other. What is found is kept as proposals of the search's own source until the
/// next search of that source.
/// </summary>
internal sealed class PictureSearch(ProjectDatabase database, PictureFolder folder)
{
    private const string ThisPicture = "picture", AllPictures = "all";
    private const int MaxFound = 20_000;

    /// <summary>Whether all pictures are meant.</summary>
    /// <exception cref="LabelException">The scope is none.</exception>
    public static bool IsAll(string scope) => scope switch
    {
        ThisPicture => false,
        AllPictures => true,
        _ => throw LabelException.Invalid($"scope: there are {ThisPicture} and {AllPictures}"),
    };

    /// <summary>The mask of an object.</summary>
    public static Rle MaskOf(StoredObject thing) => Rle.FromCompressed(thing.Counts, thing.Height, thing.Width);

    /// <summary>The pixels of a picture.</summary>
    /// <exception cref="ImageFormatException">The file is no picture.</exception>
    /// <exception cref="LabelException">It is not there, or of another size.</exception>
    public async Task<RgbImage> DecodeAsync(StoredPicture picture, CancellationToken cancellation)
    {
        byte[] file = await folder.ReadAsync(picture, cancellation);
        RgbImage image = await Task.Run(
            () => ImageFile.Decode(file, picture.Path, new ImageReadOptions(), cancellation), cancellation);
        return (image.Width, image.Height) == (picture.Width, picture.Height) ? image : throw LabelException.Invalid(
            $"{picture.Path}: the file is another picture than the one that was labelled");
    }

    /// <summary>Looks, and keeps what is found in place of what the last search found.</summary>
    /// <param name="source">Of the proposals.</param>
    /// <param name="first">The picture that is looked at first, or alone; null where all are looked at in their order.</param>
    /// <param name="firstImage">Its pixels, where they are at hand.</param>
    /// <param name="isAll">Whether the others are looked at too, those that are not rejected.</param>
    /// <param name="look">Finds masks of a picture's size, the best first, where these objects are there already.</param>
    /// <param name="resultOf">More about it than how many there are.</param>
    /// <param name="report">Told what is done, of how much, and what it is at.</param>
    /// <param name="cancellation">Stops it; what was found until then is kept.</param>
    /// <exception cref="JobStoppedException">It was stopped after it had begun to look.</exception>
    /// <exception cref="ImageFormatException">The only picture is none.</exception>
    /// <exception cref="LabelException">The only picture is not there, or of another size.</exception>
    public async Task<JsonElement?> RunAsync(
        string source, StoredPicture? first, RgbImage? firstImage, bool isAll, Look look, Func<SearchResult, SearchResult> resultOf,
        Action<long, long, string> report, CancellationToken cancellation)
    {
        await database.WriteAsync(async session => await session.ExecuteAsync(
            "DELETE FROM proposals WHERE source = @source AND state = 'open'", ("source", source)));
        List<StoredPicture> pictures = isAll
            ? await database.ReadAsync(session => session.QueryAsync(
                $"SELECT {StoredPicture.Columns} FROM pictures p WHERE p.state <> 'rejected' AND p.status = 'here' AND p.id <> @id ORDER BY p.sort_key, p.path",
                StoredPicture.Read, ("id", first?.Id ?? 0)))
            : [];
        if (first is not null)
            pictures.Insert(0, first);
        var found = new List<FoundDocument>();
        long unreadable = 0;
        try
        {
            for (int i = 0; i < pictures.Count && found.Count < MaxFound; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                report(i, pictures.Count, pictures[i].Path);
                try
                {
                    RgbImage? image = pictures[i] == first ? firstImage : null;
                    found.AddRange(await LookAsync(pictures[i], image ?? await DecodeAsync(pictures[i], cancellation)));
                }
                catch (Exception e) when (isAll && e is ImageFormatException or LabelException { Status: 404 or 410 or 422 })
                {
                    unreadable++;
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw new JobStoppedException(Result());
        }

        report(pictures.Count, pictures.Count, "");
        return Result();

        JsonElement Result() => JsonSerializer.SerializeToElement(
            resultOf(new SearchResult(found, found.Count, unreadable)), LabelJson.Types.SearchResult);

        async Task<List<FoundDocument>> LookAsync(StoredPicture picture, RgbImage image)
        {
            List<StoredObject> there = await database.ReadAsync(session => PictureTable.ObjectsAsync(session, picture.Id));
            KnownObject[] known = [.. there.Where(thing => (thing.Width, thing.Height) == (picture.Width, picture.Height))
                .Select(thing => new KnownObject(thing.ClassId, MaskOf(thing)))];
            IReadOnlyList<Answer> answers = await Task.Run(() => look(image, known, cancellation), cancellation);
            return await KeepAsync(source, picture, answers.Take(MaxFound - found.Count));
        }
    }

    private Task<List<FoundDocument>> KeepAsync(string source, StoredPicture picture, IEnumerable<Answer> answers) => database.WriteAsync(
        async session =>
        {
            List<long> classes = await session.QueryAsync("SELECT id FROM classes WHERE removed = 0", row => row.GetInt64(0));
            var kept = new List<FoundDocument>();
            foreach (Answer answer in answers)
            {
                double score = Math.Clamp((double)answer.Score, 0, 1);
                long? its = answer.ClassId is { } known && classes.Contains(known) ? known : null;
                long id = await session.NumberAsync(
                    """
                    INSERT INTO proposals (picture_id, source, height, width, counts, score, class_id, sure)
                    VALUES (@id, @source, @height, @width, @counts, @score, @class, 0) RETURNING id
                    """,
                    ("id", picture.Id), ("source", source), ("height", (long)answer.Mask.Height), ("width", (long)answer.Mask.Width),
                    ("counts", answer.Mask.ToCompressed()), ("score", score), ("class", its)) ?? 0;
                kept.Add(new FoundDocument(picture.Id, id, score, its) { Phrase = answer.Phrase });
            }

            return kept;
        });

    /// <summary>Finds something in a picture.</summary>
    public delegate IReadOnlyList<Answer> Look(RgbImage image, IReadOnlyList<KnownObject> known, CancellationToken cancellation);

    /// <summary>An object that is there already.</summary>
    public sealed record KnownObject(long ClassId, Rle Mask);

    /// <summary>A mask that was found, of a class or of none.</summary>
    public sealed record Answer(Rle Mask, float Score, long? ClassId, string? Phrase = null);
}
