using PocketSam.Kernels.Image;
using PocketSam.Tests.Models;

namespace PocketSam.Tests.Segmentation;

/// <summary>Pictures and prompts of users in, masks out, against the Python reference with made-up weights.</summary>
public sealed unsafe class SamGoldenTests
{
    /// <summary>Largest difference of a logit or a predicted IoU: float32 sums in another order.</summary>
    private const float LogitTolerance = 1e-3f;

    private static readonly string[] Cases = ["point", "point_single", "points", "box", "box_point", "point_mask"];

    [Theory]
    [InlineData("vit_t_641x427")]
    [InlineData("vit_t_300x701")]
    [InlineData("vit_b_641x427")]
    public void Resized_picture_equals_the_reference_byte_for_byte(string file)
    {
        Checkpoint golden = GoldenFiles.Read(file);
        RgbImage image = Image(golden);
        var geometry = ImageGeometry.For(image.Width, image.Height, 1024);

        var resized = new RgbImage(geometry.ResizedWidth, geometry.ResizedHeight);
        fixed (byte* source = image.Pixels, target = resized.Pixels)
            ResampleKernel.Run(source, image.Width, image.Height, target, resized.Width, resized.Height);

        StoredTensor expected = golden.Tensors["resized"];
        Assert.Equal(expected.Shape, [resized.Height, resized.Width, 3]);
        Assert.True(expected.ToBytes().AsSpan().SequenceEqual(resized.Pixels));
    }

    [Theory]
    [InlineData("vit_t_641x427")]
    [InlineData("vit_t_300x701")]
    [InlineData("vit_b_641x427")]
    public void Masks_equal_the_reference(string file)
    {
        Checkpoint golden = GoldenFiles.Read(file);
        RgbImage image = Image(golden);
        Sam sam = Sam.Over(MadeUpWeights.OfGolden(file));
        using ImageEmbedding embedding = sam.Encode(image);

        // All prompts in one call, of different lengths, with and without box and mask.
        bool[] several = [.. Cases.Select(name => golden.Tensors[name + ".iou"].Count > 1)];
        Prompt[] prompts = [.. Cases.Select(name => PromptOf(golden, name))];
        IReadOnlyList<PocketSam.Prediction> single = sam.Predict(embedding, prompts, multimask: false);
        IReadOnlyList<PocketSam.Prediction> multi = sam.Predict(embedding, prompts, multimask: true);
        for (int i = 0; i < Cases.Length; i++)
            AssertEqual(golden, Cases[i], (several[i] ? multi : single)[i]);
    }

    private static void AssertEqual(Checkpoint golden, string name, PocketSam.Prediction actual)
    {
        float[] iou = golden.Tensors[name + ".iou"].ToFloats(), low = golden.Tensors[name + ".low"].ToFloats();
        ReadOnlySpan<byte> bits = golden.Tensors[name + ".mask"].ToBytes();
        Assert.Equal(iou.Length, actual.Masks.Count);
        for (int m = 0; m < iou.Length; m++)
        {
            Mask mask = actual.Masks[m];
            Assert.InRange(mask.PredictedIou, iou[m] - LogitTolerance, iou[m] + LogitTolerance);
            int side = mask.Logits.Side;
            float worst = 0;
            for (int i = 0; i < side * side; i++)
                worst = Math.Max(worst, Math.Abs(mask.Logits.Values[i] - low[m * side * side + i]));
            Assert.InRange(worst, 0, LogitTolerance);

            int bytes = bits.Length / iou.Length;
            BinaryMask expected = Unpack(bits.Slice(m * bytes, bytes), mask.Bits.Width, mask.Bits.Height);
            Assert.InRange(mask.Bits.Iou(expected), 0.9999, 1);
            Assert.Equal(mask.Bits.Area, mask.Area);
            Assert.Equal(mask.Bits.Bounds, mask.Box);
        }
    }

    private static RgbImage Image(Checkpoint golden)
    {
        StoredTensor image = golden.Tensors["image"];
        return new RgbImage(image.Shape[1], image.Shape[0], image.ToBytes());
    }

    private static Prompt PromptOf(Checkpoint golden, string name)
    {
        Prompt? prompt = null;
        if (golden.Tensors.TryGetValue(name + ".box", out StoredTensor? box))
        {
            float[] b = box.ToFloats();
            prompt = Prompt.Box(b[0], b[1], b[2], b[3]);
        }

        if (golden.Tensors.TryGetValue(name + ".points", out StoredTensor? points))
        {
            float[] p = points.ToFloats(), labels = golden.Tensors[name + ".labels"].ToFloats();
            for (int i = 0; i < labels.Length; i++)
            {
                bool foreground = labels[i] > 0;
                prompt = prompt?.WithPoint(p[2 * i], p[2 * i + 1], foreground)
                    ?? Prompt.Point(p[2 * i], p[2 * i + 1], foreground);
            }
        }

        return name == "point_mask"
            ? prompt!.WithMask(new MaskLogits(256, golden.Tensors["box_point.prev"].ToFloats().AsSpan()))
            : prompt!;
    }

    private static BinaryMask Unpack(ReadOnlySpan<byte> packed, int width, int height)
    {
        var mask = new BinaryMask(width, height);
        for (int i = 0; i < width * height; i++)
            mask[i % width, i / width] = (packed[i / 8] >> (7 - i % 8) & 1) != 0;
        return mask;
    }
}
