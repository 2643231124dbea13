using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using PocketSam.Server.Api;
using PocketSam.Server.Decoding;
using PocketSam.Server.Images;
using PocketSam.Server.Jobs;

namespace PocketSam.Server.Endpoints;

/// <summary>Serves the embeddings and the decoder to clients that decode masks themselves.</summary>
internal sealed class DecodingEndpoints(PictureFinder pictures, DecoderOffer offer, LargeGarbage garbage)
{
    /// <summary>Response headers of an embedding.</summary>
    public const string ShapeHeader = "X-Tensor-Shape", TypeHeader = "X-Tensor-Type", DecoderHeader = "X-Decoder";

    private const int IdOfTag = 16;

    /// <summary>Sends the decoder. Browsers may cache it but must revalidate it.</summary>
    public Task GetDecoderAsync(HttpContext context)
    {
        DecoderFile decoder = offer.Require();
        context.Response.Headers.CacheControl = "private, no-cache";
        return EntityTags.Confirm(context, decoder.Tag) ? Task.CompletedTask : SendAsync(context, decoder.Graph);
    }

    /// <summary>Sends a picture's embedding.</summary>
    public async Task GetEmbeddingAsync(HttpContext context, string id)
    {
        DecoderFile decoder = offer.Require();
        using PhotoLease lease = await pictures.LeaseAsync(context, id);
        ImageEmbedding embedding = lease.Photo.Embedding;
        IHeaderDictionary headers = context.Response.Headers;
        headers[ShapeHeader] = string.Create(CultureInfo.InvariantCulture, $"1,{embedding.Channels},{embedding.Side},{embedding.Side}");
        headers[TypeHeader] = "int16";
        headers[DecoderHeader] = decoder.Tag;
        if (EntityTags.Confirm(context, $"\"{id}-{decoder.Tag.Trim('"')[..IdOfTag]}\""))
            return;
        byte[] values = Pack(embedding);
        garbage.Add(3 * values.Length);
        await SendAsync(context, values);
    }

    /// <summary>
    /// Packs an embedding as one single-precision scale for each channel, then 16-bit integers, channels first. This is
    /// as short as half precision, and more accurate for the large values of a channel.
    /// </summary>
    private static byte[] Pack(ImageEmbedding embedding)
    {
        float[] values = embedding.ToArray();
        int channels = embedding.Channels, size = values.Length / channels;
        byte[] bytes = new byte[sizeof(float) * channels + sizeof(short) * values.Length];
        Span<float> scales = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(0, sizeof(float) * channels));
        Span<short> numbers = MemoryMarshal.Cast<byte, short>(bytes.AsSpan(sizeof(float) * channels));
        for (int c = 0; c < channels; c++)
        {
            // A channel of zeros has scale 1.
            ReadOnlySpan<float> channel = values.AsSpan(c * size, size);
            float most = TensorPrimitives.MaxMagnitude(channel), scale = most == 0 ? 1 : MathF.Abs(most) / short.MaxValue;
            scales[c] = scale;
            for (int i = 0; i < size; i++)
                numbers[c * size + i] = (short)MathF.Round(channel[i] / scale);
        }

        return bytes;
    }

    private static Task SendAsync(HttpContext context, byte[] bytes)
    {
        context.Response.ContentType = MediaTypes.Bytes;
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }
}
