using Microsoft.ML.OnnxRuntime.Tensors;
using PocketSam.Onnx;

namespace PocketSam.Tests.Onnx;

/// <summary>Exported models in ONNX Runtime against the outputs of the Python reference.</summary>
public sealed class GoldenExportTests
{
    /// <summary>Largest difference of an embedding over its largest value: float32 sums in another order.</summary>
    internal const float EmbeddingTolerance = 2e-4f;

    /// <summary>Largest difference of a logit or a predicted IoU.</summary>
    internal const float LogitTolerance = 1e-3f;

    /// <summary>Least IoU of a mask with the reference's.</summary>
    internal const double MaskIou = 0.999;

    public static TheoryData<string> Files => ["vit_t_641x427", "vit_t_300x701", "vit_b_641x427"];

    [Theory]
    [MemberData(nameof(Files))]
    public void The_official_layout_gives_the_numbers_of_the_reference(string file)
    {
        var golden = new GoldenPicture(file);
        OnnxPair pair = ExportedModels.Export(file);
        using var encoder = new OrtFile(pair.Encoder);
        using var decoder = new OrtFile(pair.Decoder);
        float[] embedding = [.. encoder.Run(("input_image", golden.Planes(), [1, 3, 1024, 1024]))["image_embeddings"]];
        float[] expected = golden.Embedding;
        AssertClose(embedding, expected, EmbeddingTolerance * expected.Max(MathF.Abs));
        foreach (string name in GoldenPicture.Cases)
        {
            (float[] coordinates, float[] labels) = golden.Prompt(name);
            (float[] mask, bool hasMask) = golden.MaskPrompt(name);
            Dictionary<string, DenseTensor<float>> results = decoder.Run(
                ("image_embeddings", embedding, [1, 256, 64, 64]), ("point_coords", coordinates, [1, labels.Length, 2]),
                ("point_labels", labels, [1, labels.Length]), ("mask_input", mask, [1, 1, 256, 256]),
                ("has_mask_input", new float[] { hasMask ? 1 : 0 }, [1]),
                ("orig_im_size", new float[] { golden.Image.Height, golden.Image.Width }, [2]));
            AssertMasks(golden, name, results["low_res_masks"], results["iou_predictions"], results["masks"]);
        }
    }

    /// <summary>Four masks of a case, of which the reference has the first or the others.</summary>
    internal static void AssertMasks(
        GoldenPicture golden, string name, DenseTensor<float> low, DenseTensor<float> iou, DenseTensor<float>? masks, int leftOut = 0)
    {
        float[] expectedIou = golden.Iou(name), expectedLow = golden.Low(name);
        int first = (expectedIou.Length == 1 ? 0 : 1) - leftOut, size = GoldenPicture.LowSide * GoldenPicture.LowSide;
        AssertClose(iou.Buffer.Span.Slice(first, expectedIou.Length).ToArray(), expectedIou, LogitTolerance);
        AssertClose(low.Buffer.Span.Slice(first * size, expectedLow.Length).ToArray(), expectedLow, LogitTolerance);
        for (int i = 0; masks is not null && i < expectedIou.Length; i++)
        {
            int area = golden.Image.Width * golden.Image.Height;
            AssertMask(golden.Mask(name, i), masks.Buffer.Span.Slice((first + i) * area, area));
        }
    }

    internal static void AssertMask(bool[] expected, ReadOnlySpan<float> logits)
    {
        int both = 0, either = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            both += expected[i] && logits[i] > 0 ? 1 : 0;
            either += expected[i] || logits[i] > 0 ? 1 : 0;
        }

        Assert.InRange((double)both / either, MaskIou, 1);
    }

    internal static void AssertClose(float[] actual, float[] expected, float limit)
    {
        Assert.Equal(expected.Length, actual.Length);
        float worst = 0;
        for (int i = 0; i < expected.Length; i++)
            worst = MathF.Max(worst, MathF.Abs(actual[i] - expected[i]));
        Assert.True(worst <= limit, $"largest difference {worst}, allowed {limit}");
    }
}
