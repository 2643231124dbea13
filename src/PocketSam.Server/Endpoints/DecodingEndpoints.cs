using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using PocketSam.Server.Api;
using PocketSam.Server.Decoding;
using PocketSam.Server.Images;
using PocketSam.Server.Jobs;

namespace PocketSam.Server.Endpoints;

/// <summary>What clients need that make masks of prompts themselves.</summary>
internal sealed class DecodingEndpoints(PictureFinder pictures, DecoderOffer offer, LargeGarbage garbage)
{
    /// <summary>Headers of an embedding.</summary>
    public const string ShapeHeader = "X-Tensor-Shape", TypeHeader = "X-Tensor-Type", DecoderHeader = "X-Decoder";

    private const int IdOfTag = 16;

    /// <summary>The decoder, which browsers may keep and ask after.</summary>
    public Task GetDecoderAsync(HttpContext context)
    {
        DecoderFile decoder = offer.Require();
        context.Response.Headers.CacheControl = "private, no-cache";
        return EntityTags.Confirm(context, decoder.Tag) ? Task.CompletedTask : SendAsync(context, decoder.Graph);
    }

    /// <summary>A picture's embedding, numbers of half precision, little endian, channels first.</summary>
    public async Task GetEmbeddingAsync(HttpContext context, string id)
    {
        DecoderFile decoder = offer.Require();
        using PhotoLease lease = await pictures.LeaseAsync(context, id);
        ImageEmbedding embedding = lease.Photo.Embedding;
        IHeaderDictionary headers = context.Response.Headers;
        headers[ShapeHeader] = string.Create(CultureInfo.InvariantCulture, $"1,{embedding.Channels},{embedding.Side},{embedding.Side}");
        headers[TypeHeader] = "float16";
        headers[DecoderHeader] = decoder.Tag;
        if (EntityTags.Confirm(context, $"\"{id}-{decoder.Tag.Trim('"')[..IdOfTag]}\""))
            return;
        byte[] values = ToHalf(embedding);
        garbage.Add(3 * values.Length);
        await SendAsync(context, values);
    }

    /// <exception cref="ApiException">A value is beyond half precision.</exception>
    private static byte[] ToHalf(ImageEmbedding embedding)
    {
        float[] values = embedding.ToArray();
        byte[] bytes = new byte[sizeof(short) * values.Length];
        Span<Half> half = MemoryMarshal.Cast<byte, Half>(bytes.AsSpan());
        TensorPrimitives.ConvertToHalf(values, half);
        return TensorPrimitives.IsFiniteAll<Half>(half) ? bytes
            : throw new ApiException(409, "not_offered", "the embedding of this picture is beyond half precision: ask for masks");
    }

    private static Task SendAsync(HttpContext context, byte[] bytes)
    {
        context.Response.ContentType = MediaTypes.Bytes;
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }
}
