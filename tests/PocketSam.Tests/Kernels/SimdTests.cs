using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Tests.Kernels;

/// <summary>
/// Each leg of the engine's tests proves the width it runs at: a setting of the runtime that has become inert would
/// otherwise test the widest vectors four times.
/// </summary>
[Trait("Category", "Simd")]
public sealed unsafe class SimdTests
{
    private const string Expectation = "POCKETSAM_EXPECT_SIMD";

    [Fact]
    public void The_width_is_the_one_this_leg_expects()
    {
        string? text = Environment.GetEnvironmentVariable(Expectation);
        Requirement.SkipWhenMissing(string.IsNullOrEmpty(text), $"{Expectation} is not set: any width will do");
        int expected = int.Parse(text!, CultureInfo.InvariantCulture);
        Assert.Equal(expected, Simd.Width);
        Assert.Equal(expected >= 16, Vector512.IsHardwareAccelerated);
        Assert.Equal(expected >= 8, Vector256.IsHardwareAccelerated);
        Assert.Equal(expected >= 4, Vector128.IsHardwareAccelerated);
    }

    [Fact]
    public void Kernels_run_at_that_width()
    {
        int width = 0;
        Simd.Run(new TellWidth { Width = &width });
        Assert.Equal(Simd.Width, width);
        Assert.Equal(2 * width, PackedOperand.PanelWidth);
    }

    private struct TellWidth : ISimdKernel
    {
        public int* Width;

        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            *Width = S.Width;
            Assert.Equal(S.Width * sizeof(float), Unsafe.SizeOf<V>());
        }
    }
}
