using PocketSam.Models;
using PocketSam.Tensors;
using PocketSam.Tests.Tensors;

namespace PocketSam.Tests.Models;

[Collection(ThreadCounts.Name)]
[Trait("Category", "Simd")]
public sealed class DinoVisionTransformerTests
{
    /// <summary>Of the largest value: sums in another order.</summary>
    private const float FastTolerance = 1e-5f;

    /// <summary>Rounding of floats through the network, against a step of 1/64.</summary>
    private const double GradientTolerance = 1e-2;

    /// <summary>Three blocks, two taps; positions of 4 x 4 that fit no picture of the tests but one.</summary>
    internal static SamConfig Small(int registers = 0, int channels = 24, int heads = 2) => ModelZoo.Nano with
    {
        Name = "small_dino",
        ImageSize = 96,
        HighResolutionFeatures = true,
        Encoder = new DinoVisionTransformerConfig
        {
            EmbedDim = channels,
            Depth = 3,
            NumHeads = heads,
            Taps = [1, 3],
            PositionSide = 4,
            RegisterTokens = registers,
            HighResolutionChannels = [4, 6, 8],
        },
    };

    [Theory]
    [InlineData(0, 24, 2)]
    [InlineData(3, 40, 5)]
    [InlineData(1, 66, 2)]
    public void What_evaluation_fuses_equals_what_training_does(int registers, int channels, int heads)
    {
        SamModel model = MadeUpWeights.Create(Small(registers, channels, heads));
        EncoderInput input = Input(96, (6, 4), (5, 6));
        float[] expected, actual;
        model.State.SetTraining(true);
        using (Tape.Record())
            expected = model.ImageEncoder.Forward(input).Span.ToArray();
        model.State.SetTraining(false);
        using (Tape.Inference())
            actual = model.ImageEncoder.Forward(input).Span.ToArray();

        float largest = expected.Max(MathF.Abs);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], FastTolerance * largest);
    }

    [Theory]
    [InlineData(4, 4)] // the learned positions as they are
    [InlineData(3, 5)]
    public void It_has_the_gradient_of_its_values(int rows, int columns)
    {
        SamModel model = MadeUpWeights.Create(Small(registers: 2));
        model.State.SetTraining(true);
        var pixels = new Weight(Samples.Tensor(1, 1, 96, 96, 3));
        var patches = new Weight(Samples.Tensor(2, 1, 14 * rows, 14 * columns, 3));
        pixels.Value.Buffer.WantsGradient = patches.Value.Buffer.WantsGradient = true;
        GradientCheck.AlongDirections(
            [
                ("pixels", pixels), ("patches", patches),
                .. model.State.Entries
                    .Where(e => e.Key.StartsWith("image_encoder.", StringComparison.Ordinal))
                    .Select(e => (e.Key, e.Weight)),
            ],
            GradientTolerance, () => model.ImageEncoder.Forward(new EncoderInput(pixels.Value, [patches.Value])));
    }

    [Fact]
    public void Blocks_that_learn_get_their_gradient_behind_blocks_that_do_not()
    {
        SamModel model = MadeUpWeights.Create(Small());
        EncoderInput input = Input(96, (6, 4));
        float[] all = Gradient(_ => true), last = Gradient(key => !key.Contains("blocks.0.") && !key.Contains("blocks.1."));
        Assert.Contains(last, v => v != 0);
        float largest = all.Max(MathF.Abs);
        for (int i = 0; i < all.Length; i++)
            Assert.Equal(all[i], last[i], FastTolerance * largest);

        float[] Gradient(Predicate<string> learns)
        {
            model.State.SetTraining(entry => learns(entry.Key), batchStatistics: true);
            Tensor weight = model.State.Entries.Single(e => e.Key == "image_encoder.blocks.2.mlp.fc1.weight").Weight.Value;
            weight.Buffer.Gradient = null;
            using Tape tape = Tape.Record();
            Tensor y = model.ImageEncoder.Forward(input);
            Samples.Uniform((int)y.Count, seed: 7).CopyTo(Start(y));
            tape.Backward();
            return weight.GradientSpan.ToArray();
        }

        static unsafe Span<float> Start(Tensor y) => new(Tape.GradientOf(y, out _), (int)y.Count);
    }

    [Fact]
    public void A_picture_gets_the_same_whatever_is_beside_it_and_zeros_beyond_it_before_the_neck()
    {
        SamModel model = MadeUpWeights.Create(Small());
        EncoderInput both = Input(96, (6, 4), (2, 6));
        using Tape tape = Tape.Inference();
        Tensor together = model.ImageEncoder.Forward(both);
        int values = (int)together.Count / 2;
        for (int i = 0; i < 2; i++)
        {
            Tensor pixels = Tensor.From(both.Pixels.Span.Slice(i * 96 * 96 * 3, 96 * 96 * 3), 1, 96, 96, 3);
            Tensor alone = model.ImageEncoder.Forward(new EncoderInput(pixels, [both.Patches![i]]));
            Assert.Equal(together.Span.Slice(i * values, values).ToArray(), alone.Span.ToArray());
        }
    }

    [Fact]
    public void It_gives_the_same_bits_on_any_number_of_threads()
    {
        SamModel model = MadeUpWeights.Create(Small());
        EncoderInput input = Input(640, (40, 30));
        ThreadCounts.AssertSameBits(
            () =>
            {
                using Tape tape = Tape.Inference();
                return model.ImageEncoder.Forward(input).Span.ToArray();
            },
            "DINOv2");
    }

    [Fact]
    public void It_needs_patches_and_can_be_cancelled()
    {
        SamModel model = SamModel.Create(Small(), seed: 1);
        using Tape tape = Tape.Inference();
        Assert.Contains(
            "14 pixels a patch is needed",
            Assert.Throws<ArgumentException>(() => model.ImageEncoder.Forward(Samples.Tensor(1, 1, 96, 96, 3))).Message,
            StringComparison.Ordinal);
        Assert.Throws<OperationCanceledException>(
            () => model.ImageEncoder.Forward(Input(96, (6, 6)), new CancellationToken(canceled: true)));
    }

    /// <summary>Pictures of so many rows and columns of patches.</summary>
    internal static EncoderInput Input(int size, params (int Rows, int Columns)[] pictures) => new(
        Samples.Tensor(1, pictures.Length, size, size, 3),
        [.. pictures.Select((p, i) => Samples.Tensor(2 + i, 1, 14 * p.Rows, 14 * p.Columns, 3))]);
}
