using PocketSam.Training.Distillation;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.Tests.Distillation;

public sealed class DistillationOptionsTests
{
    private static DistillationOptions Decoupled => new() { Stages = [Stage(DistillationScheme.Decoupled)] };

    private static DistillationOptions FullStage => new() { Stages = [Stage(DistillationScheme.FullStage)] };

    [Theory]
    [InlineData("640x500x4", 640, 500, 4, DistillationScheme.Coupled)]
    [InlineData("128x30", 128, 30, 8, DistillationScheme.Coupled)]
    [InlineData("640x500x4:full-stage", 640, 500, 4, DistillationScheme.FullStage)]
    [InlineData("64x1x1:semi-coupled", 64, 1, 1, DistillationScheme.SemiCoupled)]
    public void Stages_are_read(string text, int size, int steps, int batch, DistillationScheme scheme)
        => Assert.Equal(new(size, steps, batch, scheme), DistillationStage.Parse(text, DistillationScheme.Coupled));

    [Theory]
    [InlineData("640", "SIZExSTEPS")]
    [InlineData("640x5:mobile", "semi-coupled")]
    [InlineData("640x5x2f", "focal")]
    [InlineData("0x5x2", "SIZExSTEPS")]
    public void Broken_stages_say_what_is_expected(string text, string expected)
    {
        var e = Assert.Throws<FormatException>(() => DistillationStage.Parse(text, DistillationScheme.Coupled));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_range_of_sizes_is_read_and_written() => Assert.Equal(
        "512-640x500x4:full-stage", DistillationStage.Parse("512-640x500x4:full-stage", DistillationScheme.Coupled).ToString());

    [Fact]
    public void Every_scheme_has_a_name_that_is_read()
    {
        foreach (DistillationScheme scheme in Enum.GetValues<DistillationScheme>())
            Assert.Equal(scheme, DistillationSchemes.Parse(scheme.NameOf()));
    }

    [Fact]
    public void Options_that_would_do_nothing_are_refused()
    {
        Refuses(Decoupled with { Sampling = PromptSampling.Hard, Rounds = 9 }, "no stage learns from masks");
        Refuses(Decoupled with { HardMaskWeighting = true }, "hard mask weighting");
        Refuses(Decoupled with { Focal = true }, "focal");
        Refuses(FullStage with { Rounds = 1 }, "a way to choose");
        Refuses(FullStage with { HardMaskWeighting = true, Weights = new(1, 1, 0, 0, 1) }, "weight 0");
        Refuses(FullStage with { Stages = [Stage(DistillationScheme.Decoder)], Weights = new(1, 0, 0, 0, 0) }, "masks only");
        (FullStage with { Sampling = PromptSampling.Hard, Rounds = 9, HardMaskWeighting = true, Focal = true }).Validate();
    }

    [Fact]
    public void Numbers_out_of_range_are_refused()
    {
        Refuses(Decoupled with { Stages = [] }, "at least one stage");
        Refuses(Decoupled with { Weights = new(0, 0, 0, 0, 0) }, "not all zero");
        Refuses(Decoupled with { Weights = new(-1, 0, 0, 0, 1) }, "not negative");
        Refuses(Decoupled with { Weights = new(float.NaN, 0, 0, 0, 1) }, "finite");
        Refuses(FullStage with { Sampling = PromptSampling.Hard, Rounds = 11 }, "0 ... 10");
        Refuses(Decoupled with { MasksPerImage = 65 }, "1 ... 64");
        Refuses(Decoupled with { Optimizer = new OptimizerOptions { LearningRate = 0 } }, "learning rate");
    }

    private static DistillationStage Stage(DistillationScheme scheme) => new(64, 1, 1, scheme);

    private static void Refuses(DistillationOptions options, string why)
        => Assert.Contains(why, Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
}
