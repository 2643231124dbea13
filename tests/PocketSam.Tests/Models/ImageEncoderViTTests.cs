using PocketSam.Models;
using PocketSam.Tensors;
using PocketSam.Tests.Tensors;

namespace PocketSam.Tests.Models;

[Collection(ThreadCounts.Name)]
[Trait("Category", "Simd")]
public sealed class ImageEncoderViTTests
{
    /// <summary>Of the largest value: sums in another order.</summary>
    private const float FastTolerance = 1e-5f;

    /// <summary>Rounding of floats through the network, against a step of 1/64.</summary>
    private const double GradientTolerance = 1e-2;

    [Theory]
    [InlineData(256, 14, 48, 3)] // 16 x 16 tokens: windows hang over both edges
    [InlineData(256, 8, 64, 1)] // windows fit; one head of two panels
    [InlineData(320, 7, 40, 2)] // global attention in several blocks and tiles
    [InlineData(64, 14, 24, 2)] // less than one window
    public void What_evaluation_fuses_equals_what_training_does(int size, int window, int channels, int heads)
    {
        SamModel model = MadeUpWeights.Create(Small(size, window, channels, heads));
        Tensor pixels = Samples.Tensor(1, 2, size, size, 3);
        float[] expected, actual;
        model.State.SetTraining(true);
        using (Tape.Record())
            expected = model.ImageEncoder.Forward(pixels).Span.ToArray();
        model.State.SetTraining(false);
        using (Tape.Inference())
            actual = model.ImageEncoder.Forward(pixels).Span.ToArray();

        float largest = expected.Max(MathF.Abs);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], FastTolerance * largest);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)] // windows that hang over the edge
    public void It_has_the_gradient_of_its_values(int window)
    {
        SamModel model = MadeUpWeights.Create(Small(64, window, 12, 2));
        model.State.SetTraining(true);
        var pixels = new Weight(Samples.Tensor(1, 2, 64, 64, 3));
        pixels.Value.Buffer.WantsGradient = true;
        GradientCheck.AlongDirections(
            [
                ("pixels", pixels),
                .. model.State.Entries
                    .Where(e => e.Key.StartsWith("image_encoder.", StringComparison.Ordinal))
                    .Select(e => (e.Key, e.Weight)),
            ],
            GradientTolerance, () => model.ImageEncoder.Forward(pixels.Value));
    }

    [Fact]
    public void It_gives_the_same_bits_on_any_number_of_threads()
    {
        SamModel model = MadeUpWeights.Create(Small(256, 14, 48, 3));
        ThreadCounts.AssertSameBits(
            () =>
            {
                using Tape tape = Tape.Inference();
                return model.ImageEncoder.Forward(Samples.Tensor(1, 1, 256, 256, 3)).Span.ToArray();
            },
            "ViT");
    }

    [Fact]
    public void It_takes_no_other_input_size()
    {
        SamModel model = SamModel.Create(Small(128, 4, 12, 2), seed: 1);
        using Tape tape = Tape.Inference();
        Assert.Contains(
            "position embeddings for 128 x 128 only",
            Assert.Throws<ArgumentException>(() => model.ImageEncoder.Forward(Samples.Tensor(1, 1, 64, 64, 3))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void It_can_be_cancelled()
    {
        SamModel model = SamModel.Create(Small(64, 4, 12, 2), seed: 1);
        using Tape tape = Tape.Inference();
        Assert.Throws<OperationCanceledException>(
            () => model.ImageEncoder.Forward(Samples.Tensor(1, 1, 64, 64, 3), new CancellationToken(canceled: true)));
    }

    /// <summary>Two blocks, the second of global attention.</summary>
    internal static SamConfig Small(int size, int window, int channels, int heads) => ModelZoo.Nano with
    {
        Name = "small_vit",
        ImageSize = size,
        Encoder = new VitConfig
        {
            EmbedDim = channels,
            Depth = 2,
            NumHeads = heads,
            GlobalAttentionBlocks = [1],
            WindowSize = window,
            MlpRatio = 2,
        },
    };
}
