using System.Globalization;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Training.Tests;

/// <summary>Each leg of the kernels' tests proves the width it runs at.</summary>
[Trait("Category", "Simd")]
public sealed class VectorWidthTests
{
    private const string Expectation = "POCKETSAM_EXPECT_SIMD";

    [Fact]
    public void The_width_is_the_one_this_leg_expects()
    {
        string? text = Environment.GetEnvironmentVariable(Expectation);
        Requirement.SkipWhenMissing(string.IsNullOrEmpty(text), $"{Expectation} is not set: any width will do");
        Assert.Equal(int.Parse(text!, CultureInfo.InvariantCulture), Simd.Width);
    }
}
