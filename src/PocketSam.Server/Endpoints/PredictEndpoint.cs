using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using PocketSam.Imaging.Exports;
using PocketSam.Server.Api;
using PocketSam.Server.Computing;
using PocketSam.Server.Images;
using PocketSam.Server.Observing;

namespace PocketSam.Server.Endpoints;

/// <summary>Finds the objects that prompts ask for.</summary>
internal sealed class PredictEndpoint(Sam sam, ImageStore store, PocketSamOptions options, ServerMetrics metrics) : IDisposable
{
    private const int MaxBodyBytes = 4 << 20;

    /// <summary>One at a time uses all processors; a second one keeps them busy while the first runs on few.</summary>
    private readonly WorkerThreads _threads = new("predictions", threads: 2, queueLength: 256);

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
        PredictResponse.ObjectMasks[] objects = await _threads.RunAsync(
            () => Predict(embedding, request.Objects, asPng, context.RequestAborted), context.RequestAborted);
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        metrics.Predict.Add(time);
        var response = new PredictResponse(objects, Math.Round(time.TotalMilliseconds, 2));
        await JsonBody.WriteAsync(context, response, JsonBody.Types.PredictResponse);
    }

    public void Dispose() => _threads.Dispose();

    private PredictResponse.ObjectMasks[] Predict(
        ImageEmbedding embedding, IReadOnlyList<PredictRequest.ObjectPrompt> wishes, bool asPng, CancellationToken cancellation)
    {
        // Masks to start from are as large as the picture, however short the request, so they are made here and not by all
        // requests that wait.
        IReadOnlyList<Prompt> prompts = PromptReader.Read(wishes, embedding.Geometry, options);

        // The model takes one wish for several masks at a time.
        var results = new PredictResponse.ObjectMasks[prompts.Count];
        foreach (IGrouping<bool?, int> places in Enumerable.Range(0, prompts.Count).GroupBy(i => wishes[i].Multimask))
        {
            IReadOnlyList<Prediction> answers = sam.Predict(
                embedding, [.. places.Select(i => prompts[i])], places.Key, cancellation);
            foreach ((int place, Prediction answer) in places.Zip(answers))
            {
                results[place] = new PredictResponse.ObjectMasks(
                    answer.Masks.ToList().IndexOf(answer.Best), [.. answer.Masks.Select(mask => Describe(mask, asPng))]);
            }
        }

        return results;
    }

    private static MaskDocument Describe(Mask mask, bool asPng)
    {
        PixelBox box = mask.Box;
        BinaryMask? part = box.IsEmpty ? null : mask.Crop();
        Rle? rle = asPng ? null
            : part is null ? mask.ToRle() : Rle.FromCrop(part, box, mask.Bits.Width, mask.Bits.Height);
        byte[]? png = asPng && part is not null ? MaskPicture.EncodeStencil(part).ToArray() : null;
        return new MaskDocument(
            [box.X, box.Y, box.Right, box.Bottom], mask.Area, mask.PredictedIou, mask.StabilityScore, rle, png);
    }
}
