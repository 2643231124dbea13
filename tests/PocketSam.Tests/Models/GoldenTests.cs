using PocketSam.Models;
using PocketSam.Tensors;

namespace PocketSam.Tests.Models;

/// <summary>The networks against the outputs of the public Python reference, with made-up weights.</summary>
public sealed class GoldenTests
{
    /// <summary>Largest difference of an embedding over its largest value: float32 sums in another order.</summary>
    private const float EmbeddingTolerance = 2e-4f;

    /// <summary>Largest difference of a logit or a predicted IoU.</summary>
    private const float LogitTolerance = 1e-3f;

    private static readonly float[] Mean = [123.675f, 116.28f, 103.53f];
    private static readonly float[] Deviation = [58.395f, 57.12f, 57.375f];

    [Theory]
    [InlineData("vit_t_641x427")]
    [InlineData("vit_t_300x701")]
    [InlineData("vit_b_641x427")]
    public void Embedding_and_masks_equal_the_reference(string file)
    {
        Checkpoint golden = GoldenFiles.Read(file);
        SamModel model = MadeUpWeights.OfGolden(file);

        using Tape tape = Tape.Inference();
        Tensor embedding = model.ImageEncoder.Forward(Pixels(golden.Tensors["resized"], 1024));
        AssertClose(ToChw(embedding), golden.Tensors["embedding"].ToFloats(), EmbeddingTolerance, relative: true);

        PreparedImage? image = null;
        IReadOnlyList<int> original = golden.Tensors["image"].Shape;
        float scale = 1024f / Math.Max(original[0], original[1]);
        int height = (int)MathF.Floor(original[0] * scale + 0.5f), width = (int)MathF.Floor(original[1] * scale + 0.5f);
        foreach (string name in new[] { "point", "point_single", "points", "box", "box_point", "point_mask" })
        {
            List<PromptToken> tokens = [];
            if (golden.Tensors.TryGetValue(name + ".points", out StoredTensor? points))
            {
                float[] p = points.ToFloats(), labels = golden.Tensors[name + ".labels"].ToFloats();
                for (int i = 0; i < labels.Length; i++)
                    tokens.Add(Token(p[2 * i], p[2 * i + 1], (PointLabel)(int)labels[i]));
            }

            if (golden.Tensors.TryGetValue(name + ".box", out StoredTensor? box))
            {
                float[] b = box.ToFloats();
                tokens.Add(Token(b[0], b[1], PointLabel.BoxTopLeft));
                tokens.Add(Token(b[2], b[3], PointLabel.BoxBottomRight));
            }
            else
            {
                tokens.Add(PromptToken.Padding);
            }

            Tensor? mask = name == "point_mask"
                ? Tensor.From(golden.Tensors["box_point.prev"].ToFloats(), 1, 256, 256, 1) : null;
            (Tensor logits, Tensor iou) = model.Decode(embedding, tokens.ToArray(), 1, mask);
            float[] expectedIou = golden.Tensors[name + ".iou"].ToFloats();
            int first = expectedIou.Length == 1 ? 0 : 1;
            AssertClose(iou.Span[first..(first + expectedIou.Length)], expectedIou, LogitTolerance);
            AssertClose(
                logits.Span[(first * 65536)..((first + expectedIou.Length) * 65536)],
                golden.Tensors[name + ".low"].ToFloats(), LogitTolerance);

            // The same prompt by the rearranged decoder.
            BatchedMaskDecoder batched = model.BatchedDecoder;
            image ??= batched.Prepare(embedding);
            DecodedPrompts decoded = batched.Decode(image, tokens.ToArray(), 1, mask);
            MaskChoice[] choices = [.. Enumerable.Range(first, expectedIou.Length).Select(m => new MaskChoice(0, m))];
            AssertClose(decoded.Iou.Span[first..(first + expectedIou.Length)], expectedIou, LogitTolerance);
            AssertClose(
                batched.Upscale(decoded, choices).Span, golden.Tensors[name + ".low"].ToFloats(), LogitTolerance);
        }

        PromptToken Token(float x, float y, PointLabel label)
            => new(x * width / original[1] + 0.5f, y * height / original[0] + 0.5f, label);
    }

    /// <summary>The same on narrower vectors, which takes a minute without any.</summary>
    [Theory]
    [Trait("Category", "Simd")]
    [Trait("Category", "Slow")]
    [InlineData("vit_t_641x427")]
    [InlineData("vit_t_300x701")]
    public void Embedding_and_masks_equal_the_reference_on_every_vector_width(string file)
        => Embedding_and_masks_equal_the_reference(file);

    private static Tensor Pixels(StoredTensor resized, int size)
    {
        Tensor pixels = Tensor.Zeros(1, size, size, 3);
        ReadOnlySpan<byte> data = resized.ToBytes();
        int height = resized.Shape[0], width = resized.Shape[1];
        for (int y = 0; y < height; y++)
            for (int i = 0; i < width * 3; i++)
                pixels.Span[y * size * 3 + i] = (data[y * width * 3 + i] - Mean[i % 3]) / Deviation[i % 3];
        return pixels;
    }

    private static float[] ToChw(Tensor x)
    {
        float[] result = new float[x.Count];
        int channels = x.Channels, rows = x.Rows;
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < channels; c++)
                result[c * rows + r] = x.Span[r * channels + c];
        return result;
    }

    private static void AssertClose(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, float tolerance, bool relative = false)
    {
        Assert.Equal(expected.Length, actual.Length);
        float largest = 0, worst = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            largest = MathF.Max(largest, MathF.Abs(expected[i]));
            worst = MathF.Max(worst, MathF.Abs(actual[i] - expected[i]));
        }

        float limit = relative ? tolerance * largest : tolerance;
        Assert.True(worst <= limit, $"largest difference {worst} of {largest}, allowed {limit}");
    }
}
