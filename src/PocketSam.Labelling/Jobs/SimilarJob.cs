using System.Text.Json;
using PocketSam.Imaging;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Pictures;
using PocketSam.Labelling.Storage;
using PocketSam.Server;

namespace PocketSam.Labelling.Jobs;

/// <summary>
/// Finds more objects like some of a picture, in that picture or in all. What is found is kept as proposals of a source of its own until
/// the next search, and shown with its similarity.
/// </summary>
internal sealed class SimilarJob(ProjectDatabase database, PictureFolder folder, LabelJobs jobs, PocketSamModel model)
{
    public const string Kind = "similar";

    private const string ThisPicture = "picture", AllPictures = "all";
    private const int MaxExamples = 50;
    private const int MaxFound = 20_000;

    /// <summary>Starts it, or gives the one that runs.</summary>
    /// <exception cref="LabelException">What is asked for is not there, or is no search.</exception>
    public async Task<JobDocument> StartAsync(SimilarRequest request)
    {
        if (request.Scope is not (ThisPicture or AllPictures))
            throw LabelException.Invalid($"scope: there are {ThisPicture} and {AllPictures}");
        if (!(request.Threshold is >= 0 and <= 1))
            throw LabelException.Invalid("threshold: a number from 0 to 1 is expected");
        if (request.ObjectIds is not { Count: > 0 and <= MaxExamples })
            throw LabelException.Invalid($"objectIds: 1 to {MaxExamples} objects are expected");
        (StoredPicture picture, List<StoredObject> objects) = await database.ReadAsync(async session => (
            await PictureTable.GetAsync(session, request.PictureId), await PictureTable.ObjectsAsync(session, request.PictureId)));
        StoredObject[] examples = [.. objects.Where(thing
            => request.ObjectIds.Contains(thing.Id) && (thing.Width, thing.Height) == (picture.Width, picture.Height))];
        if (examples.Length == 0)
            throw new LabelException(404, "object_unknown", "the picture has none of these objects");
        return jobs.Start(Kind, (report, cancellation) => RunAsync(request, picture, examples, report, cancellation));
    }

    private async Task<JsonElement?> RunAsync(
        SimilarRequest request, StoredPicture first, StoredObject[] examples, Action<long, long, string> report, CancellationToken cancellation)
    {
        RgbImage image = await DecodeAsync(first, cancellation);
        SimilarObjects similar = await Task.Run(
            () => new SimilarObjects(model.Current, [.. examples.Select(thing => new SimilarExample(image, MaskOf(thing)))], cancellation: cancellation),
            cancellation);
        await database.WriteAsync(async session => await session.ExecuteAsync(
            "DELETE FROM proposals WHERE source = @source AND state = 'open'", ("source", ProposalTable.Similar)));
        List<StoredPicture> others = request.Scope == ThisPicture ? [] : await database.ReadAsync(session => session.QueryAsync(
            $"SELECT {StoredPicture.Columns} FROM pictures p WHERE p.state <> 'rejected' AND p.status = 'here' AND p.id <> @id ORDER BY p.sort_key, p.path",
            StoredPicture.Read, ("id", first.Id)));
        var found = new List<SimilarFound>();
        long unreadable = 0;
        report(0, others.Count + 1, first.Path);
        await LookAsync(first, image);
        for (int i = 0; i < others.Count && found.Count < MaxFound; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            report(i + 1, others.Count + 1, others[i].Path);
            try
            {
                await LookAsync(others[i], await DecodeAsync(others[i], cancellation));
            }
            catch (Exception e) when (e is ImageFormatException or LabelException { Status: 404 or 410 or 422 })
            {
                unreadable++;
            }
        }

        report(others.Count + 1, others.Count + 1, "");
        return JsonSerializer.SerializeToElement(new SimilarResult(found, found.Count, unreadable), LabelJson.Types.SimilarResult);

        async Task LookAsync(StoredPicture picture, RgbImage pixels)
        {
            if (pixels.Width != picture.Width || pixels.Height != picture.Height)
                throw LabelException.Invalid($"{picture.Path}: the file is another picture than the one that was labelled");
            List<StoredObject> there = await database.ReadAsync(session => PictureTable.ObjectsAsync(session, picture.Id));
            Rle[] known = [.. there.Where(thing => (thing.Width, thing.Height) == (picture.Width, picture.Height)).Select(MaskOf)];
            IReadOnlyList<SimilarMask> masks = await Task.Run(
                () => similar.Find(pixels, (float)request.Threshold, known, cancellation: cancellation), cancellation);
            found.AddRange(await KeepAsync(picture, masks.Take(MaxFound - found.Count)));
        }
    }

    private Task<List<SimilarFound>> KeepAsync(StoredPicture picture, IEnumerable<SimilarMask> masks) => database.WriteAsync(async session =>
    {
        var kept = new List<SimilarFound>();
        foreach (SimilarMask mask in masks)
        {
            Rle runs = mask.Mask.Segmentation;
            long id = await session.NumberAsync(
                """
                INSERT INTO proposals (picture_id, source, height, width, counts, score, sure)
                VALUES (@id, @source, @height, @width, @counts, @score, 0) RETURNING id
                """,
                ("id", picture.Id), ("source", ProposalTable.Similar), ("height", (long)runs.Height), ("width", (long)runs.Width),
                ("counts", runs.ToCompressed()), ("score", Math.Clamp((double)mask.Similarity, 0, 1))) ?? 0;
            kept.Add(new SimilarFound(picture.Id, id, new RleDocument([runs.Height, runs.Width], runs.ToCompressed()), Math.Clamp(mask.Similarity, 0, 1)));
        }

        return kept;
    });

    private async Task<RgbImage> DecodeAsync(StoredPicture picture, CancellationToken cancellation)
    {
        byte[] file = await folder.ReadAsync(picture, cancellation);
        return await Task.Run(() => ImageFile.Decode(file, picture.Path, new ImageReadOptions(), cancellation), cancellation);
    }

    private static Rle MaskOf(StoredObject thing) => Rle.FromCompressed(thing.Counts, thing.Height, thing.Width);
}
