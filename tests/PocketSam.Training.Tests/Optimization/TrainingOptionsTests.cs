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
    public void Bad_stages_are_refused(string text)
    {
        var e = Assert.Throws<FormatException>(() => TrainingStage.Parse(text));
        Assert.Contains($"'{text}'", e.Message, StringComparison.Ordinal);
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
        Assert.Throws<ArgumentException>(() => (options with { MasksPerImage = 0 }).Validate());
        Assert.Throws<ArgumentException>(() => (options with { CorrectionRounds = 11 }).Validate());
        Assert.Throws<ArgumentException>(
            () => (options with { Optimizer = new OptimizerOptions { LearningRate = float.NaN } }).Validate());
        options.Validate();
    }
}
