using PocketSam.Onnx;

namespace PocketSam.Tests.Onnx;

/// <summary>The decoder alone, as the page of the service is given it.</summary>
public sealed class DecoderTests
{
    /// <summary>What the default model's may have, which the page fetches once.</summary>
    private const int MostBytes = 2_500_000;

    [Fact]
    public void The_decoder_is_that_of_a_pair()
    {
        OnnxExportOptions options = new() { Precision = OnnxPrecision.Float16, LowResolution = true };
        using var alone = new MemoryStream();
        OnnxExporter.WriteDecoder(ExportedModels.Model("vit_t"), alone, options);
        Assert.Equal(File.ReadAllBytes(ExportedModels.Export("vit_t", options).Decoder), alone.ToArray());
    }

    [Fact]
    public void The_decoder_of_the_default_model_is_small()
    {
        using var file = new MemoryStream();
        OnnxExporter.WriteDecoder(
            Sam.Default, file, new OnnxExportOptions { Precision = OnnxPrecision.Float16, LowResolution = true });
        Assert.InRange(file.Length, 1_000_000, MostBytes);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentException>(() => OnnxExporter.WriteDecoder(
            ExportedModels.Model("vit_t"), Stream.Null, new OnnxExportOptions { Precision = OnnxPrecision.Int8 }));
        var elsewhere = Assert.Throws<ArgumentException>(() => OnnxExporter.WriteDecoder(
            ExportedModels.Model("vit_t").WithBackend(null, new Elsewhere()), Stream.Null));
        Assert.Contains("decoded elsewhere", elsewhere.Message);
    }

    private sealed class Elsewhere : IDecoderBackend
    {
        public int MaxObjects => 1;

        public void Decode(BackendPrompts prompts, Memory<float> iou, Memory<float> logits, CancellationToken cancellation)
            => iou.Span.Clear();
    }
}
