using System.Text.Json;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Storage;
using PocketSam.Server;

namespace PocketSam.Labelling.Jobs;

/// <summary>
/// Finds objects similar to given ones of a picture, in that picture or in all. The proposals get the class of the
/// first given object.
/// </summary>
internal sealed class SimilarJob(ProjectDatabase database, PictureSearch searches, LabelJobs jobs, PocketSamModel model)
{
    public const string Kind = "similar";

    private const int MaxExamples = 50;

    /// <summary>Starts the job.</summary>
    /// <exception cref="LabelException">The request is invalid, names an unknown picture or no known object, or such a
    /// job is running.</exception>
    public async Task<JobDocument> StartAsync(SimilarRequest request)
    {
        bool isAll = PictureSearch.IsAll(request.Scope);
        if (!(request.Threshold is >= 0 and <= 1))
            throw LabelException.Invalid("threshold: a number from 0 to 1 is expected");
        if (request.ObjectIds is not { Count: > 0 and <= MaxExamples })
            throw LabelException.Invalid($"objectIds: 1 to {MaxExamples} objects are expected");
        (StoredPicture picture, List<StoredObject> objects) = await database.ReadAsync(async session => (
            await PictureTable.GetAsync(session, request.PictureId), await PictureTable.ObjectsAsync(session, request.PictureId)));
        StoredObject[] examples = [.. request.ObjectIds.Distinct().Select(id => objects.Find(thing => thing.Id == id)).OfType<StoredObject>()
            .Where(thing => (thing.Width, thing.Height) == (picture.Width, picture.Height))];
        if (examples.Length == 0)
            throw new LabelException(404, "object_unknown", "the picture has none of these objects");
        return jobs.StartOwn(
            Kind, (report, cancellation) => RunAsync(picture, isAll, examples, (float)request.Threshold, report, cancellation));
    }

    private async Task<JsonElement?> RunAsync(
        StoredPicture first, bool isAll, StoredObject[] examples, float threshold, Action<long, long, string> report,
        CancellationToken cancellation)
    {
        RgbImage image = await searches.DecodeAsync(first, cancellation);
        SimilarObjects similar = await Task.Run(
            () => new SimilarObjects(
                model.Current, [.. examples.Select(thing => new SimilarExample(image, PictureSearch.MaskOf(thing)))], cancellation: cancellation),
            cancellation);
        return await searches.RunAsync(ProposalTable.Similar, first, image, isAll, Find, result => result, report, cancellation);

        IReadOnlyList<PictureSearch.Answer> Find(
            RgbImage pixels, IReadOnlyList<PictureSearch.KnownObject> known, CancellationToken stop)
        {
            IReadOnlyList<SimilarMask> found = similar.Find(pixels, threshold, [.. known.Select(thing => thing.Mask)], cancellation: stop);
            return [.. found.Select(mask => new PictureSearch.Answer(mask.Mask.Segmentation, mask.Similarity, examples[0].ClassId))];
        }
    }
}
