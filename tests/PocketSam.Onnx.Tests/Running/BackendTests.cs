using Microsoft.ML.OnnxRuntime;
using PocketSam.Onnx;
using PocketSam.Onnx.Wire;
using PocketSam.OnnxRuntime;
using PocketSam.Tests.Models;

namespace PocketSam.Tests.Onnx;

/// <summary>Pairs in ONNX Runtime behind the calls of <see cref="Sam"/>.</summary>
public sealed class BackendTests
{
    private static readonly RgbImage Landscape = Picture(150, 100), Portrait = Picture(61, 127);

    public static TheoryData<string, int?, OnnxLayout, OnnxPrecision> Exports => new()
    {
        { "nano", null, OnnxLayout.Sam, OnnxPrecision.Float32 },
        { "nano", 192, OnnxLayout.Sam, OnnxPrecision.Float32 },
        { "nano", 128, OnnxLayout.SamExporter, OnnxPrecision.Float32 },
        { "nano", null, OnnxLayout.Transformers, OnnxPrecision.Float32 },
        { "pocket", null, OnnxLayout.Sam, OnnxPrecision.Float32 },
        { "dino_s", 320, OnnxLayout.Sam, OnnxPrecision.Float32 },
    };

    [Theory]
    [MemberData(nameof(Exports))]
    public void A_pair_computes_what_the_model_does(string name, int? size, OnnxLayout layout, OnnxPrecision precision)
    {
        OnnxPair files = ExportedModels.Export(name, new OnnxExportOptions { ImageSize = size, Layout = layout, Precision = precision });
        using OnnxSam pair = OnnxSam.Load(files.Encoder, files.Decoder);
        OnnxVerification found = OnnxVerifier.Run(ExportedModels.Model(name), pair, [Landscape, Portrait]);
        Assert.True(
            found.IsEqual,
            $"embedding {found.EmbeddingDifference}, logits {found.LogitDifference}, IoU {found.IouDifference}, masks {found.LeastMaskIou}");
        Assert.Equal(2, found.Pictures);
    }

    /// <summary>SAM's largest models; the weights of the last lie beside its graph, as a file of ONNX holds two gigabytes at most.</summary>
    [Theory]
    [Trait("Category", "Slow")]
    [InlineData("vit_l", false)]
    [InlineData("vit_h", true)]
    public void A_pair_of_a_large_model_computes_what_it_does(string name, bool isBeside)
    {
        Sam sam = Sam.Over(MadeUpWeights.Create(ModelZoo.Find(name)!));
        OnnxPair files = OnnxExporter.Export(sam, ExportedModels.NewFolder());
        Assert.Equal(isBeside, files.Files.Any(file => file.EndsWith("encoder.onnx_data", StringComparison.Ordinal)));
        using OnnxSam pair = OnnxSam.Load(files.Encoder, files.Decoder);
        OnnxVerification found = OnnxVerifier.Run(sam, pair, [Landscape]);
        Assert.True(
            found.IsEqual,
            $"embedding {found.EmbeddingDifference}, logits {found.LogitDifference}, IoU {found.IouDifference}, masks {found.LeastMaskIou}");
    }

    [Fact]
    public void The_encoder_alone_serves_a_model_whose_masks_are_made_here()
    {
        Sam sam = ExportedModels.Model("nano");
        using var encoder = new OnnxEncoder(ExportedModels.Export("nano").Encoder);
        Sam other = sam.WithBackend(encoder);
        Assert.Equal((sam.Fingerprint, sam.DecoderFingerprint), (other.Fingerprint, other.DecoderFingerprint));
        using ImageEmbedding here = sam.Encode(Portrait), there = other.Encode(Portrait);
        float[] expected = here.ToArray();
        GoldenExportTests.AssertClose(there.ToArray(), expected, GoldenExportTests.EmbeddingTolerance * expected.Max(MathF.Abs));
        Assert.Equal(sam.Predict(here, Prompt.Point(30, 60)).Best.PredictedIou, sam.Predict(there, Prompt.Point(30, 60)).Best.PredictedIou, 1e-3f);
        Assert.Contains("takes 128 pixels", Assert.Throws<ArgumentException>(() => other.Encode(Portrait, 192)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_is_found_by_a_pair_as_by_the_model()
    {
        OnnxPair files = ExportedModels.Export("nano");
        using OnnxSam pair = OnnxSam.Load(files.Encoder, files.Decoder);
        var options = new MaskGeneratorOptions { PointsPerSide = 5, PredIouThresh = 0, StabilityScoreThresh = 0 };
        IReadOnlyList<GeneratedMask> here = new MaskGenerator(ExportedModels.Model("nano"), options).Generate(Landscape);
        IReadOnlyList<GeneratedMask> there = new MaskGenerator(pair.Sam, options).Generate(Landscape);
        Assert.Equal(here.Count, there.Count);
    }

    [Fact]
    public void Weights_of_half_precision_find_the_same_masks_in_half_the_file()
    {
        OnnxPair whole = ExportedModels.Export("nano"), half = ExportedModels.Export("nano", new OnnxExportOptions { Precision = OnnxPrecision.Float16 });
        using OnnxSam pair = OnnxSam.Load(half.Encoder, half.Decoder);
        OnnxVerification found = OnnxVerifier.Run(ExportedModels.Model("nano"), pair, [Landscape]);
        Assert.InRange(found.LeastMaskIou, 0.97, 1);
        Assert.InRange(found.EmbeddingDifference, 1e-6, 5e-3);
        Assert.True(new FileInfo(half.Decoder).Length < 0.75 * new FileInfo(whole.Decoder).Length);
    }

    [Fact]
    public void The_decoder_of_the_default_model_is_small_in_half_precision()
    {
        OnnxPair pair = OnnxExporter.Export(
            Sam.Default, Path.Combine(ExportedModels.NewFolder(), "default"), new OnnxExportOptions { Precision = OnnxPrecision.Float16 });
        Assert.InRange(new FileInfo(pair.Decoder).Length, 1, 2_500_000);
    }

    [Fact]
    public void Weights_of_whole_numbers_are_written_as_they_are()
    {
        string folder = ExportedModels.NewFolder(), file = Path.Combine(folder, "quantised.safetensors");
        Sam floats = ExportedModels.Model("pocket");
        var whole = new Checkpoint("pocket", floats.Model.State.ToStored(DataType.Float32).ToDictionary(), floats.Model.Metadata());
        Checkpoint quantised = ModelQuantizer.Quantize(whole, new QuantizationInfo { Arithmetic = QuantizedArithmetic.Int8 });
        CheckpointFile.Write(file, quantised.Tensors, quantised.Metadata);

        var options = new OnnxExportOptions { Precision = OnnxPrecision.Int8 };
        Sam sam = Sam.Load(file);
        OnnxPair pair = OnnxExporter.Export(sam, folder, options);
        Assert.True(new FileInfo(pair.Encoder).Length < 0.4 * new FileInfo(ExportedModels.Export("pocket").Encoder).Length);
        using OnnxSam loaded = OnnxSam.Load(pair.Encoder, pair.Decoder);
        Assert.InRange(OnnxVerifier.Run(sam, loaded, [Landscape]).EmbeddingDifference, 0, 0.1);
        var e = Assert.Throws<ArgumentException>(() => OnnxExporter.Export(floats, folder, options));
        Assert.Contains("quantize it first", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_beside_the_graph_are_found_there()
    {
        OnnxPair files = ExportedModels.Export("nano", new OnnxExportOptions { LargestFile = 0 });
        Assert.Equal(4, files.Files.Count);
        Assert.All(files.Files, file => Assert.True(File.Exists(file)));
        using OnnxSam pair = OnnxSam.Load(files.Encoder, files.Decoder);
        Assert.True(OnnxVerifier.Run(ExportedModels.Model("nano"), pair, [Landscape]).IsEqual);
    }

    /// <summary>EdgeSAM's export: no masks to start from, no size, one object, other names of results.</summary>
    [Fact]
    public void A_decoder_of_points_only_is_recognised_and_asked_object_by_object()
    {
        OnnxPair files = ExportedModels.Export("nano", new OnnxExportOptions { LowResolution = true });
        string decoder = Path.Combine(ExportedModels.NewFolder(), "any name.onnx");
        OnnxModel model = OnnxModel.Read(files.Decoder);
        OnnxGraph graph = model.Graph;
        Rewrite(decoder, model with
        {
            Metadata = new Dictionary<string, string>(),
            Graph = graph with
            {
                Inputs = [.. graph.Inputs.Take(3).Select(i => i with { Shape = [1, .. i.Shape.Skip(1)] })],
                Outputs = [new("scores", OnnxType.Float, 1, 4), new("masks", OnnxType.Float, 1, 4, 32, 32)],
                Nodes = [.. graph.Nodes.Select(n => n with { Outputs = [.. n.Outputs.Select(o => o == "iou_predictions" ? "scores" : o == "low_res_masks" ? "masks" : o)] })],
                Initializers = [.. graph.Initializers, OnnxTensor.Of("mask_input", [1, 1, 32, 32], new float[32 * 32]), OnnxTensor.Of("has_mask_input", [1], new float[1])],
            },
        });
        using OnnxSam pair = OnnxSam.Load(files.Encoder, decoder);
        Assert.Equal(1, pair.Decoder.MaxObjects);
        using ImageEmbedding photo = pair.Sam.Encode(Landscape);
        IReadOnlyList<Prediction> found = pair.Sam.Predict(photo, [Prompt.Box(10, 10, 90, 80), Prompt.Box(40, 5, 140, 60)], multimask: true);
        IReadOnlyList<Prediction> expected = ExportedModels.Model("nano").Predict(photo, [Prompt.Box(10, 10, 90, 80), Prompt.Box(40, 5, 140, 60)], multimask: true);
        Assert.Equal(expected.Select(p => p.Best.PredictedIou), found.Select(p => p.Best.PredictedIou), (a, b) => MathF.Abs(a - b) < 1e-3f);
        var e = Assert.Throws<PromptException>(() => pair.Sam.Predict(photo, Prompt.Point(5, 5).WithMask(expected[0].Best.Logits)));
        Assert.Equal($"{decoder}: takes no masks to start from", e.Message);
    }

    [Fact]
    public void Files_that_do_not_belong_together_are_refused()
    {
        OnnxPair nano = ExportedModels.Export("nano"), large = ExportedModels.Export("nano", new OnnxExportOptions { ImageSize = 192 });
        OnnxPair other = ExportedModels.Export("pocket");
        Assert.EndsWith("they do not belong together", Refused(nano.Encoder, other.Decoder), StringComparison.Ordinal);
        Assert.Equal(
            $"{large.Decoder}: takes features [32, 12, 12] where {nano.Encoder} gives [32, 8, 8]: they do not belong together",
            Refused(nano.Encoder, large.Decoder));
        Assert.StartsWith($"{nano.Decoder}: no image encoder of SAM's family: takes ", Refused(nano.Decoder, nano.Decoder), StringComparison.Ordinal);
        Assert.StartsWith($"{nano.Encoder}: no mask decoder of SAM's family: takes input_image float [1, 3, 128, 128]", Refused(nano.Encoder, nano.Encoder), StringComparison.Ordinal);

        OnnxModel model = OnnxModel.Read(nano.Decoder);
        string stranger = Path.Combine(ExportedModels.NewFolder(), "decoder.onnx");
        Rewrite(stranger, model with { Metadata = new Dictionary<string, string> { ["pocketsam.fingerprint"] = "another" } });
        Assert.Equal($"{stranger}: is of another model than {nano.Encoder}: they do not belong together", Refused(nano.Encoder, stranger));
    }

    [Fact]
    public void What_is_no_model_is_told_in_one_line()
    {
        OnnxPair nano = ExportedModels.Export("nano");
        string folder = ExportedModels.NewFolder(), broken = Path.Combine(folder, "broken.onnx"), missing = Path.Combine(folder, "none.onnx");
        File.WriteAllBytes(broken, File.ReadAllBytes(nano.Encoder)[..5000]);
        Assert.Equal($"{missing}: no such file", Refused(missing, nano.Decoder));
        Assert.StartsWith($"{broken}: ONNX Runtime does not take it: ", Refused(broken, nano.Decoder), StringComparison.Ordinal);
        OnnxPair beside = OnnxExporter.Export(ExportedModels.Model("nano"), folder, new OnnxExportOptions { LargestFile = 0 });
        File.Delete(beside.Files.Single(file => file.EndsWith("encoder.onnx_data", StringComparison.Ordinal)));
        Assert.StartsWith($"{beside.Encoder}: ONNX Runtime does not take it: ", Refused(beside.Encoder, beside.Decoder), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OnnxDevice.Cuda, "device cuda: ")]
    [InlineData(OnnxDevice.DirectMl, "device dml: ")]
    [InlineData(OnnxDevice.CoreMl, "device coreml: ")]
    public void A_device_that_is_not_there_is_told_with_where_to_read_on(OnnxDevice device, string start)
    {
        Assert.SkipWhen(OrtEnv.Instance().GetAvailableProviders().Length > 2, "this ONNX Runtime has more than the processor");
        var e = Assert.Throws<OnnxSetupException>(() => new OnnxEncoder(ExportedModels.Export("nano").Encoder, device));
        Assert.StartsWith(start, e.Message, StringComparison.Ordinal);
        Assert.EndsWith("docs/gpu.md says what to install", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    /// <summary>On a graphics card sums are in half of a mantissa more or less: masks count.</summary>
    [Fact]
    public void A_graphics_card_finds_the_same_masks()
    {
        Assert.SkipUnless(
            OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"),
            "this ONNX Runtime has no CUDAExecutionProvider: build with Microsoft.ML.OnnxRuntime.Gpu on a machine with a card (docs/gpu.md)");
        OnnxPair files = ExportedModels.Export("pocket");
        using OnnxSam pair = OnnxSam.Load(files.Encoder, files.Decoder, OnnxDevice.Cuda);
        Assert.InRange(OnnxVerifier.Run(ExportedModels.Model("pocket"), pair, [Landscape, Portrait]).LeastMaskIou, 0.99, 1);
    }

    private static string Refused(string encoder, string decoder)
    {
        string message = Assert.Throws<OnnxSetupException>(() => OnnxSam.Load(encoder, decoder)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    private static void Rewrite(string path, OnnxModel model)
    {
        using FileStream stream = File.Create(path);
        model.ToWire().CopyTo(stream);
    }

    /// <summary>A picture of blobs, so that masks have edges.</summary>
    private static RgbImage Picture(int width, int height)
    {
        var image = new RgbImage(width, height);
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            int x = i / 3 % width, y = i / 3 / width;
            image.Pixels[i] = (byte)(128 + 60 * Math.Sin(x / 9.0 + i % 3) + 60 * Math.Cos(y / 7.0 - i % 3));
        }

        return image;
    }
}
