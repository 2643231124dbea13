using System.Text.Json;
using PocketSam.Imaging;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Live;
using PocketSam.Labelling.Pictures;
using PocketSam.Labelling.Storage;
using PocketSam.Server;

namespace PocketSam.Labelling.Jobs;

/// <summary>
/// Finds masks in all pictures of the project, one picture after the other. A stopped job continues with the pictures
/// that are left; a picture is searched again only when its file or the model changes.
/// </summary>
internal sealed class ProposalJob(
    ProjectDatabase database, PictureFolder folder, LabelJobs jobs, EventHub hub, ClassifyJob classify, PocketSamModel models)
{
    public const string Kind = "proposals";

    private const int MaxPerPicture = 300;

    /// <summary>The lowest predicted IoU and stability score of a mask that is marked as sure.</summary>
    private const double SureIou = 0.9, SureStability = 0.95;

    private const string Wanted = "p.state <> 'rejected' AND p.status <> 'missing'";

    /// <summary>The condition for pictures that were not searched with this model.</summary>
    private const string Open = "NOT EXISTS (SELECT 1 FROM proposed d WHERE d.picture_id = p.id AND d.model = @model)";

    /// <summary>Starts the job, or returns the running one.</summary>
    public JobDocument Start() => jobs.Start(Kind, RunAsync);

    private async Task<JsonElement?> RunAsync(Action<long, long, string> report, CancellationToken cancellation)
    {
        Sam sam = models.Current;
        string model = sam.Fingerprint;
        long total = await CountAsync("@model = @model"), done = total - await CountAsync(Open), found = 0, unreadable = 0;
        var generator = new MaskGenerator(sam, MaskGeneratorOptions.For(sam.Config));
        long last = 0;
        while (await NextAsync() is { } picture)
        {
            cancellation.ThrowIfCancellationRequested();
            last = picture.Id;
            report(done, total, picture.Path);
            try
            {
                byte[] file = await folder.ReadAsync(picture, cancellation);
                RgbImage image = ImageFile.Decode(file, picture.Path, new ImageReadOptions(), cancellation);
                IReadOnlyList<GeneratedMask> masks = await Task.Run(
                    () => generator.Generate(image, cancellation: cancellation), cancellation);
                found += await KeepAsync(picture, masks, model);
                hub.Send(new EventDocument(EventKinds.Picture) { Id = picture.Id, Version = picture.Version, By = "", Tab = "" });
            }
            catch (Exception e) when (e is ImageFormatException or LabelException { Status: 404 or 422 })
            {
                unreadable++;
            }

            done++;
        }

        report(done, total, "");
        await classify.StartIfEnoughAsync();
        return JsonSerializer.SerializeToElement(
            new Dictionary<string, long> { ["found"] = found, ["unreadable"] = unreadable }, LabelJson.Types.DictionaryStringInt64);

        async Task<long> CountAsync(string condition) => await database.ReadAsync(session => session.NumberAsync(
            $"SELECT count(*) FROM pictures p WHERE {Wanted} AND {condition}", ("model", model))) ?? 0;

        // In the order of ids, so that pictures that cannot be read are skipped.
        Task<StoredPicture?> NextAsync() => database.ReadAsync(session => session.FirstAsync(
            $"SELECT {StoredPicture.Columns} FROM pictures p WHERE {Wanted} AND {Open} AND p.id > @last ORDER BY p.id LIMIT 1",
            StoredPicture.Read, ("model", model), ("last", last)));
    }

    /// <summary>Replaces the open proposals of a picture by these masks, without those of known objects.</summary>
    private Task<int> KeepAsync(StoredPicture picture, IReadOnlyList<GeneratedMask> masks, string model) => database.WriteAsync(async session =>
    {
        StoredPicture now = await PictureTable.GetAsync(session, picture.Id, isWrite: true);
        Rle[] objects = [.. (await PictureTable.ObjectsAsync(session, picture.Id))
            .Where(thing => (thing.Width, thing.Height) == (now.Width, now.Height))
            .Select(thing => Rle.FromCompressed(thing.Counts, thing.Height, thing.Width))];
        await session.ExecuteAsync(
            "DELETE FROM proposals WHERE picture_id = @id AND source = @source AND state = 'open'", ("id", picture.Id), ("source", ProposalTable.Everything));
        int kept = 0;
        foreach (GeneratedMask mask in masks.Where(mask => (mask.Segmentation.Width, mask.Segmentation.Height) == (now.Width, now.Height)))
        {
            if (kept == MaxPerPicture)
                break;
            if (objects.Any(thing => ProposalTable.IsSame(thing, mask.Segmentation)))
                continue;
            bool isSure = mask.PredictedIou >= SureIou && mask.StabilityScore >= SureStability;
            await session.ExecuteAsync(
                """
                INSERT INTO proposals (picture_id, source, height, width, counts, score, sure)
                VALUES (@id, @source, @height, @width, @counts, @score, @sure)
                """,
                ("id", picture.Id), ("source", ProposalTable.Everything), ("height", (long)mask.Segmentation.Height), ("width", (long)mask.Segmentation.Width),
                ("counts", mask.Segmentation.ToCompressed()), ("score", (double)mask.PredictedIou), ("sure", isSure ? 1L : 0L));
            kept++;
        }

        await session.ExecuteAsync(
            """
            INSERT INTO proposed (picture_id, hash, model) VALUES (@id, @hash, @model)
            ON CONFLICT (picture_id) DO UPDATE SET hash = excluded.hash, model = excluded.model
            """,
            ("id", picture.Id), ("hash", now.Hash), ("model", model));
        return kept;
    });
}
