using PocketSam.Models;
using PocketSam.Tensors;

namespace PocketSam.Tests.Models;

public sealed class ModelGrowthTests
{
    /// <summary>Of the largest value: sums of the same terms and zeros, in blocks of other sizes.</summary>
    private const float Tolerance = 1e-5f;

    private static readonly TinyVitConfig NanoEncoder = (TinyVitConfig)ModelZoo.Nano.Encoder;

    /// <summary>Nano with everything wider that may be.</summary>
    private static readonly SamConfig Wide = ModelZoo.Nano with
    {
        Name = "wide",
        Encoder = NanoEncoder with { MlpRatio = 6, MbConvExpandRatio = 5 },
        DecoderMlpDim = 96,
        IouHeadHiddenDim = 48,
    };

    private static readonly SamConfig SmallViT = ModelZoo.Nano with
    {
        Name = "small",
        ImageSize = 64,
        Encoder = new VitConfig { EmbedDim = 16, Depth = 2, NumHeads = 2, GlobalAttentionBlocks = [1], WindowSize = 2, MlpRatio = 2 },
    };

    [Fact]
    public void A_wider_model_computes_what_the_small_one_does()
    {
        SamModel small = MadeUpWeights.Create(ModelZoo.Nano);
        AssertSame(small, ModelGrowth.Grow(CheckpointOf(small), Wide, seed: 5));
    }

    [Fact]
    public void So_does_a_wider_vit()
    {
        SamModel small = MadeUpWeights.Create(SmallViT);
        SamConfig wide = SmallViT with { Name = "wide", Encoder = (VitConfig)SmallViT.Encoder with { MlpRatio = 3 } };
        AssertSame(small, ModelGrowth.Grow(CheckpointOf(small), wide, seed: 5));
    }

    [Fact]
    public void New_hidden_units_differ_so_that_they_can_learn()
    {
        SamModel small = MadeUpWeights.Create(ModelZoo.Nano);
        SamModel one = ModelGrowth.Grow(CheckpointOf(small), Wide, seed: 5), other = ModelGrowth.Grow(CheckpointOf(small), Wide, seed: 6);
        float[] grown = Values(one, "image_encoder.layers.1.blocks.0.mlp.fc1.weight");
        float[] from = Values(small, "image_encoder.layers.1.blocks.0.mlp.fc1.weight");
        Assert.Equal(from, grown[..from.Length]);
        Assert.DoesNotContain(0f, grown);
        Assert.NotEqual(grown, Values(other, "image_encoder.layers.1.blocks.0.mlp.fc1.weight"));
        Assert.Equal(Values(small, "mask_decoder.iou_token.weight"), Values(one, "mask_decoder.iou_token.weight"));
    }

    [Fact]
    public void Larger_windows_keep_the_biases_of_the_distances_they_knew()
    {
        const string Key = "image_encoder.layers.2.blocks.0.attn.attention_biases";
        SamModel small = MadeUpWeights.Create(ModelZoo.Nano);
        SamConfig large = ModelZoo.Nano with { Name = "large", Encoder = NanoEncoder with { WindowSizes = [4, 4, 6, 4] } };
        float[] from = Values(small, Key), to = Values(ModelGrowth.Grow(CheckpointOf(small), large, seed: 5), Key);
        Assert.Equal(2 * 6 * 6, to.Length);
        for (int h = 0; h < 2; h++)
            for (int y = 0; y < 6; y++)
                for (int x = 0; x < 6; x++)
                    Assert.Equal(from[(h * 4 + Math.Min(y, 3)) * 4 + Math.Min(x, 3)], to[(h * 6 + y) * 6 + x]);
    }

    [Fact]
    public void What_is_no_smaller_model_of_that_kind_is_refused()
    {
        SamModel nano = MadeUpWeights.Create(ModelZoo.Nano);
        SamConfig[] others =
        [
            ModelZoo.Pocket, SmallViT, ModelZoo.Nano with { Name = "n", DecoderHeads = 4 },
            ModelZoo.Nano with { Name = "n", MaskInChannels = 12 },
            ModelZoo.Nano with { Name = "n", NumMultimaskOutputs = 4 },
            ModelZoo.Nano with { Name = "n", Encoder = NanoEncoder with { EmbedDims = [8, 16, 32, 32] } },
            ModelZoo.Nano with { Name = "n", Encoder = NanoEncoder with { EmbedDims = [8, 16, 24, 48], NumHeads = [1, 1, 2, 4] } },
            ModelZoo.Nano with { Name = "n", Encoder = NanoEncoder with { Depths = [1, 1, 2, 1] } },
        ];
        foreach (SamConfig config in others)
        {
            Assert.Equal(
                $"made-up: nano cannot grow into {config.Name}: it differs in more than hidden layers and attention windows",
                Refused(nano, config));
        }

        Assert.StartsWith(
            "made-up: wide cannot grow into nano: it image_encoder.layers.0.blocks.0.conv1.c.weight has the shape [40, 8, 1, 1], "
            + "which does not fit into [32, 8, 1, 1]", Refused(MadeUpWeights.Create(Wide), ModelZoo.Nano));

        static string Refused(SamModel small, SamConfig config)
            => Assert.Throws<CheckpointFormatException>(() => ModelGrowth.Grow(CheckpointOf(small), config, 1)).Message;
    }

    private static void AssertSame(SamModel small, SamModel grown)
    {
        float[][] expected = Compute(small), actual = Compute(grown);
        for (int i = 0; i < expected.Length; i++)
        {
            float largest = expected[i].Max(MathF.Abs);
            Assert.True(largest > 0);
            for (int k = 0; k < expected[i].Length; k++)
                Assert.Equal(expected[i][k], actual[i][k], Tolerance * largest);
        }
    }

    /// <summary>Embedding, logits and predicted IoUs of a picture of noise, a box and a click.</summary>
    private static float[][] Compute(SamModel model)
    {
        using Tape tape = Tape.Inference();
        int size = model.Config.ImageSize;
        Tensor picture = Tape.New([1, size, size, 3]);
        var random = new Random(3);
        foreach (ref float v in picture.Span)
            v = 4 * random.NextSingle() - 2;
        Tensor embedding = model.ImageEncoder.Forward(picture);
        DecodedMasks found = model.Decode(
            embedding,
            [
                new(5, 6, PointLabel.BoxTopLeft), new(40, 50, PointLabel.BoxBottomRight),
                new(30, 20, PointLabel.Foreground), PromptToken.Padding,
            ],
            2, null);
        return [embedding.Span.ToArray(), found.Logits.Span.ToArray(), found.Iou.Span.ToArray()];
    }

    private static float[] Values(SamModel model, string key) => model.State.Entries.Single(e => e.Key == key).ToStored();

    private static Checkpoint CheckpointOf(SamModel model)
        => new("made-up", model.State.ToStored(DataType.Float32).ToDictionary(), model.Metadata());
}
