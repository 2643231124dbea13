using PocketSam.Models;
using PocketSam.Tensors;
using PocketSam.Tests.Tensors;

namespace PocketSam.Tests.Models;

/// <summary>Gradients of the networks with respect to all of their weights and inputs.</summary>
[Trait("Category", "Simd")]
public sealed class ModelGradientTests
{
    /// <summary>Smooth networks: rounding of floats through some twenty layers, against a step of 1/64.</summary>
    private const double SmoothTolerance = 1e-2;

    /// <summary>The decoder's ReLUs have kinks within the step.</summary>
    private const double KinkTolerance = 2e-2;

    /// <summary>
    /// The small model with more channels in the mask prompt: a layer norm over two of them is nearly a step function.
    /// </summary>
    private static SamConfig Smooth => ModelZoo.Nano with { MaskInChannels = 32 };

    [Theory]
    [InlineData(4)]
    [InlineData(3)] // windows that hang over the edge
    public void The_image_encoder_has_the_gradient_of_its_values(int window)
    {
        SamConfig nano = ModelZoo.Nano;
        SamModel model = MadeUpWeights.Create(
            nano with { Encoder = (TinyVitConfig)nano.Encoder with { WindowSizes = [4, window, window, window] } });
        model.State.SetTraining(true);
        Weight pixels = Input(Samples.Tensor(1, 2, 64, 64, 3));
        GradientCheck.AlongDirections(
            [("pixels", pixels), .. WeightsOf(model, "image_encoder.")], SmoothTolerance,
            () => model.ImageEncoder.Forward(pixels.Value));
    }

    [Fact]
    public void Point_embeddings_have_the_gradient_of_their_values()
    {
        SamModel model = MadeUpWeights.Create(Smooth);
        model.State.SetTraining(true);
        PromptToken[] tokens = Tokens();
        GradientCheck.AlongDirections(
            [.. WeightsOf(model, "prompt_encoder.").Where(w => !w.Name.Contains("mask", StringComparison.Ordinal))],
            SmoothTolerance, () => model.PromptEncoder.EmbedPoints(tokens, 2, 64));
    }

    [Fact]
    public void Mask_embeddings_have_the_gradient_of_their_values()
    {
        SamModel model = MadeUpWeights.Create(Smooth);
        model.State.SetTraining(true);
        Weight masks = Input(Samples.Tensor(2, 2, 16, 16, 1));
        GradientCheck.AlongDirections(
            [("masks", masks), .. WeightsOf(model, "prompt_encoder.mask_downscaling.")], SmoothTolerance,
            () => model.PromptEncoder.EmbedMasks(masks.Value));
    }

    [Fact]
    public void The_two_way_transformer_has_the_gradient_of_its_values()
    {
        var state = PocketSam.Layers.StateDict.FromSeed(5);
        var transformer = new TwoWayTransformer(2, 32, 2, 64, state.Root);
        state.SetTraining(true);
        Weight image = Input(Samples.Tensor(1, 2, 12, 32)), positions = Input(Samples.Tensor(2, 1, 12, 32));
        Weight points = Input(Samples.Tensor(3, 2, 5, 32));
        GradientCheck.AlongDirections(
            [
                ("image", image), ("positions", positions), ("points", points),
                .. state.Entries.Select(e => (e.Key, e.Weight)),
            ],
            KinkTolerance,
            () =>
            {
                (Tensor tokens, Tensor rows) = transformer.Forward(image.Value, positions.Value, points.Value);
                return LayoutOps.Concatenate(tokens, rows);
            });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_decoder_has_the_gradient_of_its_values(bool withMasks)
    {
        SamModel model = MadeUpWeights.Create(Smooth);
        model.State.SetTraining(true);
        Weight embedding = Input(Samples.Tensor(1, 1, 4, 4, 32)), masks = Input(Samples.Tensor(2, 2, 16, 16, 1));
        PromptToken[] tokens = Tokens();
        GradientCheck.AlongDirections(
            [
                ("embedding", embedding),
                .. WeightsOf(model, "prompt_encoder.").Where(
                    w => withMasks ? w.Name != "prompt_encoder.no_mask_embed.weight"
                        : !w.Name.Contains("downscaling", StringComparison.Ordinal)),
                .. WeightsOf(model, "mask_decoder."),
            ],
            KinkTolerance,
            () => Results(model.Decode(embedding.Value, tokens, 2, withMasks ? masks.Value : null)));
    }

    [Fact]
    public void The_whole_model_has_the_gradient_of_its_values()
    {
        SamModel model = MadeUpWeights.Create(Smooth);
        model.State.SetTraining(true);
        Tensor pixels = Samples.Tensor(1, 1, 64, 64, 3);
        PromptToken[] tokens = Tokens();
        (string, Weight)[] some = [.. WeightsOf(model, "image_encoder.").Where((_, i) => i % 7 == 0)];
        GradientCheck.AlongDirections(
            some, KinkTolerance, () => Results(model.Decode(model.ImageEncoder.Forward(pixels), tokens, 2, null)));
    }

    /// <summary>Two prompts of four tokens, every label among them.</summary>
    private static PromptToken[] Tokens() =>
    [
        new(10.5f, 20.5f, PointLabel.Foreground), new(50.5f, 3.5f, PointLabel.Background),
        new(30.5f, 40.5f, PointLabel.Foreground), PromptToken.Padding,
        new(60.5f, 1.5f, PointLabel.Foreground), new(5.5f, 33.5f, PointLabel.Background),
        new(2.5f, 4.5f, PointLabel.BoxTopLeft), new(40.5f, 60.5f, PointLabel.BoxBottomRight),
    ];

    private static Weight Input(Tensor value)
    {
        value.Buffer.WantsGradient = true;
        return new Weight(value);
    }

    private static IEnumerable<(string Name, Weight Weight)> WeightsOf(SamModel model, string prefix)
        => model.State.Entries
            .Where(e => e.Trainable && e.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(e => (e.Key, e.Weight));

    /// <summary>Both results in one tensor.</summary>
    private static Tensor Results(DecodedMasks r)
        => LayoutOps.Concatenate(r.Logits.Reshape(1, -1, 1), r.Iou.Reshape(1, -1, 1));
}
