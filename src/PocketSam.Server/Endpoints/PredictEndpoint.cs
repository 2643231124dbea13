using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using PocketSam.Imaging.Exports;
using PocketSam.Server.Api;
using PocketSam.Server.Images;
using PocketSam.Server.Jobs;
using PocketSam.Server.Metrics;

namespace PocketSam.Server.Endpoints;

/// <summary>Finds the objects that prompts mean.</summary>
internal sealed class PredictEndpoint(
    Sam sam, ImageStore store, IOptions<PocketSamOptions> options, ServerMetrics metrics) : IDisposable
{
    private const int MaxBodyBytes = 4 << 20;

    /// <summary>One at a time uses all processors; a second one keeps them busy while the first runs on few.</summary>
    private readonly JobQueue _jobs = new("predictions", threads: 2, queueLength: 256);

    public async Task PredictAsync(HttpContext context, string id)
    {
        long start = Stopwatch.GetTimestamp();
        PredictRequest request = await JsonBody.ReadAsync(context, JsonBody.Types.PredictRequest, MaxBodyBytes);
        using PhotoLease lease = store.Lease(id);
        ImageEmbedding embedding = lease.Photo.Embedding;
        bool asPng = request.Format switch
        {
            PredictRequest.RleFormat => false,
            PredictRequest.PngFormat => true,
            _ => throw ApiException.InvalidPrompt($"format '{request.Format}': masks come as rle or png"),
        };
        PredictResponse.ObjectMasks[] objects = await _jobs.RunAsync(
            () => Predict(embedding, request.Objects, asPng, context.RequestAborted), context.RequestAborted);
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        metrics.Predict.Record(time.TotalSeconds);
        var response = new PredictResponse(objects, Math.Round(time.TotalMilliseconds, 2));
        await JsonBody.WriteAsync(context, response, JsonBody.Types.PredictResponse);
    }

    public void Dispose() => _jobs.Dispose();

    private PredictResponse.ObjectMasks[] Predict(
        ImageEmbedding embedding, IReadOnlyList<PredictRequest.ObjectPrompt> requested, bool asPng, CancellationToken cancellation)
    {
        // Masks to start from are as large as the picture, however short the request, so they are made here and not by all
        // requests that wait.
        IReadOnlyList<Prompt> prompts = PromptReader.Read(requested, embedding.Geometry, options.Value);

        // The model takes one choice between one mask and several at a time.
        var results = new PredictResponse.ObjectMasks[prompts.Count];
        foreach (IGrouping<bool?, int> places in Enumerable.Range(0, prompts.Count).GroupBy(i => requested[i].Multimask))
        {
            IReadOnlyList<CroppedPrediction> predictions = sam.PredictCropped(
                embedding, [.. places.Select(i => prompts[i])], places.Key, cancellation);
            foreach ((int place, CroppedPrediction found) in places.Zip(predictions))
            {
                results[place] = new PredictResponse.ObjectMasks(
                    found.Best, [.. found.Masks.Select(mask => Describe(mask, asPng))]);
            }
        }

        return results;
    }

    private static MaskDocument Describe(CroppedMask mask, bool asPng)
    {
        PixelBox box = mask.Box;
        Rle? rle = asPng ? null : mask.ToRle();
        byte[]? png = asPng && mask.Bits is { } bits ? MaskPicture.EncodeStencil(bits).ToArray() : null;
        return new MaskDocument(
            [box.X, box.Y, box.Right, box.Bottom], mask.Area, mask.PredictedIou, mask.StabilityScore, rle, png);
    }
}
