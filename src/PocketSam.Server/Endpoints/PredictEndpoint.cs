using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using PocketSam.Imaging.Exports;
using PocketSam.Server.Api;
using PocketSam.Server.Images;
using PocketSam.Server.Jobs;
using PocketSam.Server.Metrics;

namespace PocketSam.Server.Endpoints;

/// <summary>
/// Predicts masks for prompts. It computes and sends a few objects at a time, so that the objects of one request
/// neither add up in memory nor make other requests wait for all of them.
/// </summary>
internal sealed class PredictEndpoint(
    PictureFinder pictures, LargeGarbage garbage, IOptions<PocketSamOptions> options, ServerMetrics metrics) : IDisposable
{
    private const int MaxBodyBytes = 4 << 20;

    /// <summary>Limits of one batch: number of objects, and objects times the picture's pixels.</summary>
    private const int MaxObjectsAtOnce = 16;
    private const long MaxPixelsAtOnce = 64_000_000;

    /// <summary>One prediction uses all cores in its parallel parts; a second one fills the others.</summary>
    private readonly JobQueue _jobs = new("predictions", threads: 2, queueLength: 256);

    public async Task PredictAsync(HttpContext context, string id)
    {
        PredictRequest request = await JsonBody.ReadAsync(context, JsonBody.Types.PredictRequest, MaxBodyBytes);
        using PhotoLease lease = await pictures.LeaseAsync(context, id);
        ImageEmbedding embedding = lease.Photo.Embedding;
        bool asPng = request.Format switch
        {
            PredictRequest.RleFormat => false,
            PredictRequest.PngFormat => true,
            _ => throw ApiException.InvalidPrompt($"format '{request.Format}': masks come as rle or png"),
        };
        IReadOnlyList<RequestedObject> objects = RequestedObject.Read(request.Objects, embedding.Geometry, options.Value);
        long pixels = (long)embedding.Geometry.Width * embedding.Geometry.Height;
        // A closer look takes as long as encoding a picture.
        int atOnce = objects.Any(wanted => wanted.Zooms) ? 1 : (int)Math.Clamp(MaxPixelsAtOnce / pixels, 1, MaxObjectsAtOnce);

        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(
            buffer, new JsonWriterOptions { Encoder = JsonBody.Types.PredictResponse.Options.Encoder });
        json.WriteStartObject();
        json.WriteStartArray("objects");
        context.Response.ContentType = MediaTypes.Json;
        TimeSpan time = TimeSpan.Zero;
        long used = 0;
        foreach ((int turn, RequestedObject[] next) in objects.Chunk(atOnce).Index())
        {
            if (turn > 0)
                await SendAsync();
            long start = Stopwatch.GetTimestamp();
            using Activity? span = ServerTrace.Start("decode");
            (PredictResponse.ObjectMasks[] found, used) = await _jobs.RunAsync(
                () => Predict(lease.Photo, next, asPng, context.RequestAborted), context.RequestAborted);
            time += Stopwatch.GetElapsedTime(start);
            foreach (PredictResponse.ObjectMasks masks in found)
                JsonSerializer.Serialize(json, masks, JsonBody.Types.ObjectMasks);
        }

        metrics.Predict.Record(time.TotalSeconds);
        json.WriteEndArray();
        json.WriteNumber("milliseconds", Math.Round(time.TotalMilliseconds, 2));
        json.WriteEndObject();
        if (objects.Count <= atOnce)
        {
            json.Flush();
            context.Response.ContentLength = buffer.WrittenCount;
        }

        await SendAsync();

        async Task SendAsync()
        {
            json.Flush();
            try
            {
                await context.Response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
            }
            finally
            {
                buffer.ResetWrittenCount();
                garbage.Add(used);
            }
        }
    }

    public void Dispose() => _jobs.Dispose();

    /// <summary>The masks of some objects, and the bytes of the large arrays used for them.</summary>
    private static (PredictResponse.ObjectMasks[] Found, long Bytes) Predict(
        Photo photo, RequestedObject[] objects, bool asPng, CancellationToken cancellation)
    {
        // A call to the model has one multimask setting for all prompts.
        ImageEmbedding embedding = photo.Embedding;
        var results = new PredictResponse.ObjectMasks[objects.Length];
        long bytes = 0;
        foreach (IGrouping<(bool? Multimask, bool Zooms), int> places in Enumerable.Range(0, objects.Length)
            .GroupBy(i => (objects[i].Multimask, objects[i].Zooms)))
        {
            Prompt[] prompts = [.. places.Select(i => objects[i].ToPrompt())];
            IReadOnlyList<CroppedPrediction> predictions = places.Key.Zooms
                ? [.. photo.Model.PredictZoomed(photo.Pixels, embedding, prompts, places.Key.Multimask, progress: null, cancellation)
                    .Select(found => found.ToCropped())]
                : photo.Model.PredictCropped(embedding, prompts, places.Key.Multimask, cancellation);
            foreach ((int place, CroppedPrediction found) in places.Zip(predictions))
            {
                bytes += Bytes(objects[place], embedding.Geometry, found.Masks.Count) + found.Masks.Sum(mask => (long)mask.Box.Width * mask.Box.Height / 8);
                results[place] = new PredictResponse.ObjectMasks(
                    found.Best, [.. found.Masks.Select(mask => Describe(mask, objects[place].MinRegion, asPng))]);
            }
        }

        return (results, bytes);
    }

    /// <summary>
    /// Bytes of the masks of the picture's size: the one that an object's prompt contains, and those of a closer look.
    /// </summary>
    private static long Bytes(RequestedObject requested, ImageGeometry picture, int masks)
        => (long)picture.Width * picture.Height / 8 * ((requested.HasMask ? 1 : 0) + (requested.Zooms ? masks : 0));

    private static MaskDocument Describe(CroppedMask mask, double minRegion, bool asPng)
    {
        (PixelBox box, int area, BinaryMask? bits) = (mask.Box, mask.Area, mask.Bits);
        Rle? rle = asPng && minRegion == 0 ? null : mask.ToRle().RemoveSmallRegions(minRegion);
        if (minRegion > 0)
        {
            (box, area) = (rle!.Bounds, rle.Area);
            bits = asPng && !box.IsEmpty ? rle.Crop(box) : null;
        }

        byte[]? png = asPng && bits is not null ? MaskPicture.EncodeStencil(bits).ToArray() : null;
        return new MaskDocument(
            [box.X, box.Y, box.Right, box.Bottom], area, mask.PredictedIou, mask.StabilityScore, asPng ? null : rle, png);
    }
}
