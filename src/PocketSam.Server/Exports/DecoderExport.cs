using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PocketSam.Onnx;
using PocketSam.Server.Metrics;

namespace PocketSam.Server.Exports;

/// <summary>The model's decoder as a graph of ONNX, for clients that decode themselves. It is made once, when it is first asked for.</summary>
internal sealed class DecoderExport
{
    /// <summary>Embeddings beyond this are not offered: a client is answered sooner by the service.</summary>
    private const long MaxEmbeddingBytes = 4 << 20;

    private readonly Sam _sam;
    private readonly ILogger<DecoderExport> _log;
    private readonly int _inputSize;
    private readonly Lazy<Task<byte[]?>> _graph;

    public DecoderExport(Sam sam, IOptions<PocketSamOptions> options, ILogger<DecoderExport> log)
    {
        (_sam, _log, _inputSize) = (sam, log, options.Value.ImageSize ?? sam.Config.ImageSize);
        int side = _inputSize / SamConfig.EmbeddingStride;
        EmbeddingBytes = 2L * side * side * sam.Config.FeatureChannels;
        _graph = new Lazy<Task<byte[]?>>(() => EmbeddingBytes > MaxEmbeddingBytes ? Task.FromResult<byte[]?>(null) : Task.Run(Make));
    }

    /// <summary>Bytes of an embedding in half precision.</summary>
    public long EmbeddingBytes { get; }

    /// <summary>The file: it ends at low-resolution logits. Null where clients cannot decode themselves.</summary>
    public Task<byte[]?> GetAsync(CancellationToken cancellation) => _graph.Value.WaitAsync(cancellation);

    private byte[]? Make()
    {
        var options = new OnnxExportOptions
        {
            Precision = OnnxPrecision.Float16, ImageSize = _inputSize, LowResolution = true,
        };
        using var file = new MemoryStream();
        try
        {
            OnnxExporter.ExportDecoder(_sam, file, options);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            ServerLog.DecoderNotOffered(_log, e);
            return null;
        }

        return file.ToArray();
    }
}
