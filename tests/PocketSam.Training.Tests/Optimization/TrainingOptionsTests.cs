using PocketSam.Models;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.Tests.Optimization;

public sealed class TrainingOptionsTests
{
    [Theory]
    [InlineData("128x3000", 128, 3000, 8, false)]
    [InlineData("256x10x4", 256, 10, 4, false)]
    [InlineData("512x1x2f", 512, 1, 2, true)]
    public void Stages_are_read(string text, int size, int steps, int batch, bool focal)
        => Assert.Equal(new TrainingStage(size, steps, batch, focal), TrainingStage.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("128")]
    [InlineData("128x")]
    [InlineData("128x0")]
    [InlineData("128x1x2x3")]
    [InlineData("ax1")]
    [InlineData("-128x1")]
    [InlineData("128-x1")]
    [InlineData("64-128-192x1")]
    [InlineData("+128x1")]
    public void Bad_stages_are_refused(string text)
    {
        var e = Assert.Throws<FormatException>(() => TrainingStage.Parse(text));
        Assert.Contains($"'{text}'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_range_of_sizes_is_read_and_written()
    {
        TrainingStage stage = TrainingStage.Parse("592-736x10x4f");
        Assert.Equal(new TrainingStage(736, 10, 4, true) { SmallestSize = 592 }, stage);
        Assert.Equal("592-736x10x4f", stage.ToString());
        Assert.Equal("640x10x8", TrainingStage.Parse("640-640x10").ToString());
    }

    [Fact]
    public void Sizes_are_drawn_from_all_that_are_valid()
    {
        var options = new TrainingOptions { Stages = [new TrainingStage(64, 5, 1), new TrainingStage(250, 400, 1) { SmallestSize = 128 }] };
        Assert.All(Enumerable.Range(0, 5), step => Assert.Equal(64, options.SizeOf(0, step, 64)));
        int[] drawn = [.. Enumerable.Range(5, 400).Select(step => options.SizeOf(1, step, 32))];
        int[] valid = [128, 160, 192, 224];
        Assert.Equal(valid, drawn.Distinct().Order());
        Assert.All(valid, size => Assert.InRange(drawn.Count(d => d == size), 70, 130));
        Assert.NotEqual(drawn, Enumerable.Range(5, 400).Select(step => (options with { Seed = 2 }).SizeOf(1, step, 32)));
    }

    [Fact]
    public void The_rates_of_blocks_fall_with_their_distance_from_the_last()
    {
        var given = new OptimizerOptions { LayerDecay = 0.5f, Rates = [new KeyRate("image_encoder.blocks.0.*", 0)] };
        OptimizerOptions dino = given.For(ModelZoo.DinoS.Encoder);
        Assert.Equal(1f, dino.RateOf("image_encoder.blocks.11.attn.qkv.weight"));
        Assert.Equal(0.5f, dino.RateOf("image_encoder.blocks.10.attn.qkv.weight"));
        Assert.Equal(MathF.Pow(0.5f, 10), dino.RateOf("image_encoder.blocks.1.norm1.bias"));
        Assert.Equal(0f, dino.RateOf("image_encoder.blocks.0.norm1.bias"));
        Assert.Equal(MathF.Pow(0.5f, 12), dino.RateOf("image_encoder.pos_embed"));
        Assert.Equal(1f, dino.RateOf("image_encoder.neck.0.weight"));
        Assert.Equal(1f, dino.RateOf("mask_decoder.iou_token.weight"));

        OptimizerOptions tiny = (given with { Rates = [] }).For(ModelZoo.Pocket.Encoder);
        Assert.Equal(1f, tiny.RateOf("image_encoder.layers.3.blocks.1.mlp.fc1.weight"));
        Assert.Equal(0.25f, tiny.RateOf("image_encoder.layers.2.downsample.conv1.c.weight"));
        Assert.Equal(MathF.Pow(0.5f, 11), tiny.RateOf("image_encoder.patch_embed.seq.0.c.weight"));
        Assert.Same(tiny, tiny.For(ModelZoo.Pocket.Encoder));
    }

    [Theory]
    [InlineData("nano")]
    [InlineData("pocket")]
    [InlineData("vit_b")]
    [InlineData("dino_s")]
    public void Every_pattern_of_a_depth_has_keys(string architecture)
    {
        SamConfig config = ModelZoo.Find(architecture)!;
        string[] keys = [.. SamModel.Create(config, 1).State.Entries.Select(entry => entry.Key)];
        foreach (string pattern in config.Encoder.KeysByDepth.SelectMany(patterns => patterns))
            Assert.Contains(keys, new KeyRate($"image_encoder.{pattern}", 1).Matches);
    }

    [Fact]
    public void The_rate_rises_then_falls_by_half_a_cosine()
    {
        var options = new TrainingOptions
        {
            Stages = [new TrainingStage(128, 60, 1), new TrainingStage(256, 50, 1)],
            WarmupSteps = 10,
            FinalRate = 0.1f,
            Optimizer = new OptimizerOptions { LearningRate = 1f },
        };
        Assert.Equal(0.1f, options.RateOf(0), 1e-6f);
        Assert.Equal(1f, options.RateOf(10), 1e-6f);
        Assert.Equal(0.55f, options.RateOf(60), 1e-6f);
        Assert.Equal(0.1f, options.RateOf(110), 1e-6f);
        Assert.Equal((options.Stages[1], 3), options.StageOf(63));
        Assert.Throws<ArgumentOutOfRangeException>(() => options.StageOf(110));
    }

    [Fact]
    public void Numbers_out_of_range_are_named()
    {
        var options = new TrainingOptions();
        Assert.Throws<ArgumentException>(() => (options with { Stages = [] }).Validate());
        Assert.Throws<ArgumentException>(() => (options with { Stages = [new TrainingStage(100, 1, 1)] }).Validate());
        var range = new TrainingStage(64, 1, 1) { SmallestSize = 128 };
        Assert.Contains("smaller one", Assert.Throws<ArgumentException>(() => (options with { Stages = [range] }).Validate()).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(
            () => (options with { Optimizer = new OptimizerOptions { LayerDecay = 0 } }).Validate());
        Assert.Throws<ArgumentException>(() => (options with { MasksPerImage = 0 }).Validate());
        Assert.Throws<ArgumentException>(() => (options with { CorrectionRounds = 11 }).Validate());
        Assert.Throws<ArgumentException>(
            () => (options with { Optimizer = new OptimizerOptions { LearningRate = float.NaN } }).Validate());
        options.Validate();
    }
}
