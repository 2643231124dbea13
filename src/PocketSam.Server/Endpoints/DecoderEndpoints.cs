using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using PocketSam.Server.Api;
using PocketSam.Server.Exports;
using PocketSam.Server.Images;
using PocketSam.Server.Jobs;

namespace PocketSam.Server.Endpoints;

/// <summary>Embeddings of pictures and the decoder, for clients that decode themselves.</summary>
internal sealed class DecoderEndpoints(ImageStore store, DecoderExport decoder, LargeGarbage garbage) : IDisposable
{
    private readonly JobQueue _jobs = new("embeddings", threads: 1, queueLength: 64);
    private EntityTagHeaderValue? _graphTag;

    /// <summary>The decoder as ONNX.</summary>
    /// <exception cref="ApiException">It is not offered.</exception>
    public async Task GetDecoderAsync(HttpContext context)
    {
        byte[] graph = await decoder.GetAsync(context.RequestAborted) ?? throw NotOffered();
        _graphTag ??= new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(graph).AsSpan(0, 16))}\"");
        if (IsKnown(context, _graphTag))
            return;
        await SendAsync(context, graph);
    }

    /// <summary>Values of an embedding in half precision, little-endian: channel by channel, row by row.</summary>
    /// <exception cref="ApiException">It is not offered, or not there.</exception>
    public async Task GetEmbeddingAsync(HttpContext context, string id)
    {
        using PhotoLease lease = store.Lease(id);
        ImageEmbedding embedding = lease.Photo.Embedding;
        if (await decoder.GetAsync(context.RequestAborted) is null)
            throw NotOffered();
        ImageGeometry geometry = embedding.Geometry;
        IHeaderDictionary headers = context.Response.Headers;
        headers[EmbeddingHeaders.Shape] = FormattableString.Invariant($"{embedding.Channels},{embedding.Side},{embedding.Side}");
        headers[EmbeddingHeaders.Picture] = FormattableString.Invariant($"{geometry.Width},{geometry.Height}");
        headers[EmbeddingHeaders.Resized] = FormattableString.Invariant($"{geometry.ResizedWidth},{geometry.ResizedHeight}");

        // The embedding of an id never changes, and ids are never given twice.
        if (IsKnown(context, new EntityTagHeaderValue($"\"{id}\"")))
            return;
        byte[] values = await _jobs.RunAsync(() => ToHalf(embedding.ToArray()), context.RequestAborted);
        try
        {
            await SendAsync(context, values);
        }
        finally
        {
            garbage.Add(3L * values.Length);
        }
    }

    public void Dispose() => _jobs.Dispose();

    private static ApiException NotOffered()
        => new(404, "not_offered", "this service decodes by itself alone: its embeddings are too large, or its decoder has no form as ONNX");

    /// <summary>Says how the answer is kept, and whether the client has it already.</summary>
    private static bool IsKnown(HttpContext context, EntityTagHeaderValue tag)
    {
        context.Response.Headers.CacheControl = "private, no-cache";
        context.Response.GetTypedHeaders().ETag = tag;
        if (!context.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false)))
            return false;
        context.Response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }

    private static Task SendAsync(HttpContext context, byte[] bytes)
    {
        context.Response.ContentType = MediaTypes.Bytes;
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    /// <summary>Values beyond half precision become its largest.</summary>
    private static byte[] ToHalf(float[] values)
    {
        float most = (float)Half.MaxValue;
        byte[] bytes = new byte[2 * values.Length];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(2 * i), (Half)Math.Clamp(values[i], -most, most));
        return bytes;
    }
}
