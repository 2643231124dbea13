using Microsoft.AspNetCore.Http;
using PocketSam.Server.Api;
using PocketSam.Server.Images;
using PocketSam.Server.Metrics;

namespace PocketSam.Server.Endpoints;

/// <summary>Finds phrases in a picture and sends the masks as events.</summary>
internal sealed class FindEndpoint(TextOffer text, MaskSearch searches, ServerMetrics metrics)
{
    private const int MaxBodyBytes = 64 << 10;

    public async Task FindAsync(HttpContext context, string id)
    {
        ITextGrounder grounder = text.Require();
        FindRequest request = await JsonBody.ReadAsync(context, JsonBody.Types.FindRequest, MaxBodyBytes);
        IReadOnlyList<string> phrases = text.PhrasesOf(request.Text, grounder);
        double share = request.MinRegion ?? 0;
        if (!(share is >= 0 and <= 1))
            throw new ApiException(422, "invalid_options", $"min_region is {share}: must lie in 0 ... 1");
        await searches.AnswerAsync(context, id, new MaskSearch.Search<FindProgress, GroundedMask>(
            Operations.Find, metrics.Find, JsonBody.Types.FindProgress,
            photo => (embedding, progress, cancellation) =>
            {
                IReadOnlyList<GroundedMask> found = Ground(photo, embedding, phrases, new Fraction(progress), cancellation);
                return share > 0 ? [.. found.Select(mask => mask.RemoveSmallRegions(share))] : found;
            },
            (events, masks, milliseconds) => SendAsync(events, phrases, masks, milliseconds)));
    }

    /// <summary>
    /// Finds the phrases, re-encoding the picture if its embedding cannot be used for words: one from another replica
    /// has no word features, and after a model's replacement a grounder of the host still needs the embeddings of the
    /// first model.
    /// </summary>
    private IReadOnlyList<GroundedMask> Ground(
        Photo photo, ImageEmbedding embedding, IReadOnlyList<string> phrases, IProgress<double> progress, CancellationToken cancellation)
    {
        ITextGrounder grounder = text.GrounderOf(photo.Model) ?? throw ApiException.ImageUnknown();
        Sam maker = text.MakerFor(photo.Model);
        if (maker == photo.Model && (!text.KeepsWords(maker) || embedding.HasWords))
            return grounder.Ground(photo.Pixels, embedding, phrases, progress, cancellation);
        using ImageEmbedding own = text.EncoderOf(maker).Encode(photo.Pixels, embedding.Geometry.InputSize, cancellation);
        return grounder.Ground(photo.Pixels, own, phrases, progress, cancellation);
    }

    private static async Task SendAsync(
        EventStream events, IReadOnlyList<string> phrases, IReadOnlyList<GroundedMask> masks, double milliseconds)
    {
        foreach (GroundedMask found in masks)
        {
            await events.SendAsync(
                "mask", new FoundMaskDocument(found.Phrase, found.Score, MaskSearch.Describe(found.Mask), found.Rival),
                JsonBody.Types.FoundMaskDocument);
        }

        string[] missing = [.. phrases.Except(masks.Select(found => found.Phrase))];
        await events.SendAsync("done", new FindEnd(masks.Count, missing, milliseconds), JsonBody.Types.FindEnd);
    }

    private sealed class Fraction(IProgress<FindProgress> progress) : IProgress<double>
    {
        public void Report(double value) => progress.Report(new FindProgress(value));
    }
}
