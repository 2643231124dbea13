using System.Text.Json;
using PocketSam.Imaging;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Pictures;
using PocketSam.Labelling.Storage;

namespace PocketSam.Labelling.Jobs;

/// <summary>
/// Searches one picture or all, one after the other. The masks found are stored as proposals with the search's source,
/// until the next search with that source.
/// </summary>
internal sealed class PictureSearch(ProjectDatabase database, PictureFolder folder)
{
    private const string ThisPicture = "picture", AllPictures = "all";
    private const int MaxFound = 20_000;

    /// <summary>Whether the scope is all pictures.</summary>
    /// <exception cref="LabelException">The scope is unknown.</exception>
    public static bool IsAll(string scope) => scope switch
    {
        ThisPicture => false,
        AllPictures => true,
        _ => throw LabelException.Invalid($"scope: there are {ThisPicture} and {AllPictures}"),
    };

    /// <summary>The mask of an object.</summary>
    public static Rle MaskOf(StoredObject thing) => Rle.FromCompressed(thing.Counts, thing.Height, thing.Width);

    /// <summary>Decodes a picture.</summary>
    /// <exception cref="ImageFormatException">The file is not a picture.</exception>
    /// <exception cref="LabelException">The file is missing, or has another size than the picture.</exception>
    public async Task<RgbImage> DecodeAsync(StoredPicture picture, CancellationToken cancellation)
    {
        byte[] file = await folder.ReadAsync(picture, cancellation);
        RgbImage image = await Task.Run(
            () => ImageFile.Decode(file, picture.Path, new ImageReadOptions(), cancellation), cancellation);
        return (image.Width, image.Height) == (picture.Width, picture.Height) ? image : throw LabelException.Invalid(
            $"{picture.Path}: the file is another picture than the one that was labelled");
    }

    /// <summary>Runs a search; its masks replace those of the last search.</summary>
    /// <param name="source">The source of the proposals.</param>
    /// <param name="first">The picture that is searched first, or alone; null to search all in their order.</param>
    /// <param name="firstImage">Its pixels; null to read them from the file.</param>
    /// <param name="isAll">Whether to search the other pictures that are not rejected.</param>
    /// <param name="find">Finds masks of a picture's size, the best first.</param>
    /// <param name="resultOf">Adds members to the result.</param>
    /// <param name="report">Takes the pictures done, their total, and the current picture.</param>
    /// <param name="cancellation">Stops the search; the masks found before are kept.</param>
    /// <exception cref="JobStoppedException">The search is stopped.</exception>
    /// <exception cref="ImageFormatException">The search is of one picture, and its file is not a picture.</exception>
    /// <exception cref="LabelException">The search is of one picture, and its file is missing or has another
    /// size.</exception>
    public async Task<JsonElement?> RunAsync(
        string source, StoredPicture? first, RgbImage? firstImage, bool isAll, Finder find, Func<SearchResult, SearchResult> resultOf,
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
                    found.AddRange(await SearchAsync(pictures[i], image ?? await DecodeAsync(pictures[i], cancellation)));
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

        async Task<List<FoundDocument>> SearchAsync(StoredPicture picture, RgbImage image)
        {
            List<StoredObject> there = await database.ReadAsync(session => PictureTable.ObjectsAsync(session, picture.Id));
            KnownObject[] known = [.. there.Where(thing => (thing.Width, thing.Height) == (picture.Width, picture.Height))
                .Select(thing => new KnownObject(thing.ClassId, MaskOf(thing)))];
            IReadOnlyList<Answer> answers = await Task.Run(() => find(image, known, cancellation), cancellation);
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

    /// <summary>Finds objects in a picture, other than the known ones.</summary>
    public delegate IReadOnlyList<Answer> Finder(RgbImage image, IReadOnlyList<KnownObject> known, CancellationToken cancellation);

    /// <summary>An object that the picture already has.</summary>
    public sealed record KnownObject(long ClassId, Rle Mask);

    /// <summary>A mask that is found; its class is null if unknown.</summary>
    public sealed record Answer(Rle Mask, float Score, long? ClassId, string? Phrase = null);
}
