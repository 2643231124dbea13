using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PocketSam.Onnx;
using PocketSam.Server.Api;
using PocketSam.Server.Metrics;

namespace PocketSam.Server.Decoding;

/// <summary>
/// The decoder that the service gives to clients, exported at first use. There is none if an embedding is larger than
/// the options allow, or if the model's decoder cannot be written as ONNX or runs on another backend.
/// </summary>
internal sealed class DecoderOffer
{
    private volatile Lazy<DecoderFile?> _file;

    public DecoderOffer(PocketSamModel model, IOptions<PocketSamOptions> options, ILogger<DecoderOffer> log)
    {
        _file = Offer();
        model.Replaced += () => _file = Offer();

        Lazy<DecoderFile?> Offer()
        {
            Sam sam = model.Current;
            return new Lazy<DecoderFile?>(() => Make(sam, options.Value, log));
        }
    }

    /// <summary>The decoder; null if there is none.</summary>
    public DecoderFile? File => _file.Value;

    /// <summary>The decoder.</summary>
    /// <exception cref="ApiException">The service does not offer a decoder.</exception>
    public DecoderFile Require() => File ?? throw new ApiException(
        404, "not_offered", "this service gives away neither embeddings nor its decoder: ask it for masks");

    private static DecoderFile? Make(Sam sam, PocketSamOptions options, ILogger log)
    {
        int size = options.ImageSize ?? sam.Config.ImageSize, side = size / SamConfig.EmbeddingStride;
        if (sizeof(short) * (long)sam.Config.FeatureChannels * side * side > options.BrowserEmbeddingBytes)
            return null;
        using var stream = new MemoryStream();
        try
        {
            OnnxExporter.WriteDecoder(
                sam, stream,
                new OnnxExportOptions { Precision = OnnxPrecision.Float16, LowResolution = true, ImageSize = size });
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or NotSupportedException)
        {
            ServerLog.NoDecoder(log, e.Message);
            return null;
        }

        byte[] graph = stream.ToArray();
        string tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(graph).AsSpan(0, 16))}\"";
        return new DecoderFile(graph, tag, sam.Config.FeatureChannels, side);
    }
}
