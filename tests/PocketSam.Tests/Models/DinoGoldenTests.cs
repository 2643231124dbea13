using System.Text.Json;
using PocketSam.Kernels.Image;
using PocketSam.Models;
using PocketSam.Segmentation;
using PocketSam.Tensors;

namespace PocketSam.Tests.Models;

/// <summary>DINOv2's ViT-S/14 and a model on top of it against outputs of PyTorch, with their real weights.</summary>
public sealed class DinoGoldenTests
{
    /// <summary>Largest difference over the largest value: float32 sums in another order.</summary>
    private const float Tolerance = 2e-4f;

    /// <summary>Largest difference of a logit (of some 15) or a predicted IoU: the same, through the decoder.</summary>
    private const float LogitTolerance = 5e-3f;

    private const string Backbone = "dinov2_s14", Trial = "dino_s_trial", HighResolution = "high_res.";
    private static readonly float[] Mean = [123.675f, 116.28f, 103.53f];
    private static readonly float[] Deviation = [58.395f, 57.12f, 57.375f];

    [Theory]
    [InlineData("vit_s14_224x154")]
    [InlineData("vit_s14_518x392")]
    [InlineData("vit_s14_518x518")]
    [InlineData("vit_s14_322x644")]
    public void Tokens_equal_the_reference(string file)
    {
        Checkpoint golden = GoldenFiles.Read("dinov2/" + file);
        using Checkpoint weights = GoldenFiles.ReadWeights(Backbone);
        (SamModel model, _) = EncoderPretraining.Begin(weights, ModelZoo.DinoS, seed: 1);
        var encoder = (DinoVisionTransformer)model.ImageEncoder;
        Dictionary<string, int> steps = JsonSerializer.Deserialize<Dictionary<string, int>>(golden.Metadata["rows"])!;

        using Tape tape = Tape.Inference();
        Tensor[] taps = encoder.Taps(Pixels(GoldenFiles.Image(golden.Tensors["image"]), Mean, Deviation));
        AssertRows(taps[0], "tap.4.rows", steps["tap"]);
        AssertRows(taps[1], "tap.8.rows", steps["tap"]);
        AssertRows(taps[2], "tap.12.rows", steps["tap"]);
        AssertRows(taps[2], "norm.rows", steps["norm"]);

        void AssertRows(Tensor tokens, string name, int step)
        {
            float[] expected = golden.Tensors[name].ToFloats();
            int channels = tokens.Channels, count = expected.Length / channels;
            float[] actual = [.. Enumerable.Range(0, count).SelectMany(i => tokens.Span.Slice(i * step * channels, channels).ToArray())];
            AssertClose(actual, expected, Tolerance * expected.Max(MathF.Abs));
        }
    }

    [Fact]
    public void A_model_with_several_taps_and_high_resolution_features_equals_the_reference()
    {
        Checkpoint golden = GoldenFiles.Read("dinov2/trial");
        SamModel model = TrialModel();
        using Tape tape = Tape.Inference();
        RgbImage image = GoldenFiles.Image(golden.Tensors["image"]);
        var geometry = ImageGeometry.For(image.Width, image.Height, 592, 16);
        Tensor patches = ImagePreparation.ToInput(image, geometry, model.Config.Encoder).Patches![0];
        Tensor features = model.ImageEncoder.Forward(new EncoderInput(
            Pixels(Resize(image, 592), [118, 118, 118], [60, 60, 60]), [patches]));

        float[] embedding = golden.Tensors["embedding"].ToFloats();
        float[] actual =
        [
            .. Enumerable.Range(0, 13).SelectMany(y => Enumerable.Range(0, 13)
                .SelectMany(x => features.Span.Slice((y * 3 * 37 + x * 3) * features.Channels, 128).ToArray())),
        ];
        AssertClose(actual, embedding, Tolerance * embedding.Max(MathF.Abs));
        (Tensor quarter, Tensor eighth) = DecoderFeatures.HighResolution(features, 128);
        AssertSummary(quarter, golden.Tensors["high_res.s4.summary"].ToFloats());
        AssertSummary(eighth, golden.Tensors["high_res.s8.summary"].ToFloats());

        float[] box = golden.Tensors["box"].ToFloats(), point = golden.Tensors["point"].ToFloats();
        const float Scale = 592f / 240;
        PromptToken[] tokens =
        [
            new(box[0] * Scale, box[1] * Scale, PointLabel.BoxTopLeft), new(box[2] * Scale, box[3] * Scale, PointLabel.BoxBottomRight),
            new(point[0] * Scale, point[1] * Scale, PointLabel.Foreground), PromptToken.Padding,
        ];
        DecodedMasks plain = model.Decode(features, tokens, 2, null);
        AssertClose(plain.Iou.Span.ToArray(), [.. golden.Tensors["box.iou"].ToFloats(), .. golden.Tensors["point.iou"].ToFloats()], LogitTolerance);
        AssertLogits(plain.Logits.Span[..(148 * 148)], golden.Tensors["box.low"].ToFloats());
        AssertLogits(plain.Logits.Span.Slice(5 * 148 * 148, 3 * 148 * 148), golden.Tensors["point.low"].ToFloats());

        // The same by the rearranged decoder.
        DecodedPrompts decoded = model.BatchedDecoder.Decode(model.BatchedDecoder.Prepare(features), tokens, 2, null);
        Tensor fast = model.BatchedDecoder.Upscale(decoded, [new(0, 0), new(1, 1), new(1, 2), new(1, 3)]);
        AssertClose(decoded.Iou.Span.ToArray(), plain.Iou.Span.ToArray(), LogitTolerance);
        AssertLogits(fast.Span[..(148 * 148)], golden.Tensors["box.low"].ToFloats());
        AssertLogits(fast.Span[(148 * 148)..], golden.Tensors["point.low"].ToFloats());
    }

    /// <summary>Backbone and trial as one model.</summary>
    private static SamModel TrialModel()
    {
        using Checkpoint weights = GoldenFiles.ReadWeights(Backbone), trial = GoldenFiles.ReadWeights(Trial);
        (SamModel model, _) = EncoderPretraining.Begin(weights, ModelZoo.DinoS, seed: 1);
        foreach (var entry in model.State.Entries)
        {
            string key = entry.Key.Replace("image_encoder." + HighResolution, HighResolution, StringComparison.Ordinal);
            if (trial.Tensors.TryGetValue(key, out StoredTensor? stored))
                entry.FromStored(stored.ToFloats());
        }

        return model;
    }

    private static void AssertSummary(Tensor x, float[] expected)
    {
        double mean = 0, squares = 0;
        float largest = 0;
        foreach (float v in x.Span)
        {
            mean += v;
            squares += (double)v * v;
            largest = MathF.Max(largest, MathF.Abs(v));
        }

        mean /= x.Count;
        double deviation = Math.Sqrt((squares - x.Count * mean * mean) / (x.Count - 1));
        AssertClose([(float)mean, (float)deviation, largest], expected, Tolerance * expected[2]);
    }

    /// <summary>Every second row and column of masks of 148 x 148.</summary>
    private static void AssertLogits(ReadOnlySpan<float> logits, float[] expected)
    {
        float[] actual = new float[expected.Length];
        for (int i = 0; i < actual.Length; i++)
            actual[i] = logits[i / 5476 * 148 * 148 + i / 74 % 74 * 2 * 148 + i % 74 * 2];
        AssertClose(actual, expected, LogitTolerance);
    }

    private static Tensor Pixels(RgbImage image, float[] mean, float[] deviation)
    {
        Tensor pixels = Tensor.Zeros(1, image.Height, image.Width, 3);
        for (int i = 0; i < image.Pixels.Length; i++)
            pixels.Span[i] = (image.Pixels[i] - mean[i % 3]) / deviation[i % 3];
        return pixels;
    }

    private static unsafe RgbImage Resize(RgbImage image, int side)
    {
        byte[] pixels = new byte[side * side * 3];
        fixed (byte* source = image.Pixels, target = pixels)
            ResampleKernel.Run(source, image.Width, image.Height, target, side, side);
        return new RgbImage(side, side, pixels);
    }

    private static void AssertClose(float[] actual, float[] expected, float limit)
    {
        Assert.Equal(expected.Length, actual.Length);
        float worst = 0;
        for (int i = 0; i < expected.Length; i++)
            worst = MathF.Max(worst, MathF.Abs(actual[i] - expected[i]));
        Assert.True(worst <= limit, $"largest difference {worst}, allowed {limit}");
    }
}
