using PocketSam.Kernels.Vectors;

namespace PocketSam.Tests.Kernels;

/// <summary>
/// Accuracy over a fine grid. The tolerances are the largest errors measured on all vector widths, rounded up.
/// </summary>
[Trait("Category", "Simd")]
public sealed unsafe class VectorMathTests
{
    /// <summary>Relative error of e^x in [-87, 88]; 9.4e-8 was measured, less than a unit in the last place.</summary>
    private const double ExpTolerance = 1e-7;

    /// <summary>
    /// Absolute error of Phi: 0.75e-7 from the formula, the rest rounding; 2.2e-7 was measured, 2.7e-7 without fused
    /// multiply-add.
    /// </summary>
    private const double CdfTolerance = 3e-7;

    /// <summary>Error of x Phi(x) over 1 + |x|; 1.4e-7 was measured, 1.6e-7 without fused multiply-add.</summary>
    private static readonly double GeluTolerance = float.MultiplyAddEstimate(1 + 1e-7f, 1 - 1e-7f, -1f) < 0 ? 1.5e-7 : 1.7e-7;

    /// <summary>Absolute error of the slope of GELU; 2.6e-7 was measured.</summary>
    private const double GeluSlopeTolerance = 3e-7;

    [Fact]
    public void Exp_is_exact_to_single_precision()
        => Compare<ExpOp>(-87, 88, Math.Exp, (x, y) => y * ExpTolerance);

    [Fact]
    public void Exp2_is_exact_to_single_precision()
        => Compare<Exp2Op>(-126, 127, x => Math.Pow(2, x), (x, y) => y * ExpTolerance);

    [Fact]
    public void Exp2_is_clamped_below_its_range()
    {
        foreach (float y in Map<Exp2Op>([float.NegativeInfinity, -1e30f, -1000f, -126.5f]))
            Assert.Equal(1, y / Math.Pow(2, -126), ExpTolerance);
    }

    [Fact]
    public void Exp_is_clamped_outside_of_its_range()
    {
        foreach (float y in Map<ExpOp>([float.NegativeInfinity, -1e30f, -1000f, -87.5f]))
            Assert.Equal(1, y / Math.Exp(-87), ExpTolerance);
        foreach (float y in Map<ExpOp>([88.5f, 1000f, 1e30f, float.PositiveInfinity]))
            Assert.Equal(1, y / Math.Exp(88), ExpTolerance);
    }

    [Fact]
    public void NormalCdf_is_exact_to_single_precision()
        => Compare<CdfOp>(-12, 12, Reference.NormalCdf, (_, _) => CdfTolerance);

    [Fact]
    public void Gelu_is_exact_to_single_precision()
    {
        Compare<Gelu>(-12, 12, Reference.Gelu, (x, _) => GeluTolerance * (1 + Math.Abs(x)));
        Compare<Gelu>(-1000, 1000, Reference.Gelu, (x, _) => GeluTolerance * (1 + Math.Abs(x)));
    }

    [Fact]
    public void The_gradient_of_gelu_is_exact_to_single_precision()
    {
        Compare<GeluSlopeOp>(-12, 12, Reference.GeluSlope, (_, _) => GeluSlopeTolerance);
        Compare<GeluSlopeOp>(-1000, 1000, Reference.GeluSlope, (_, _) => GeluSlopeTolerance);
    }

    /// <summary>A hundred thousand values between the two bounds, in vectors and in their remainder.</summary>
    private static void Compare<TOp>(
        double from, double to, Func<double, double> exact, Func<double, double, double> tolerance)
        where TOp : struct, IUnary
    {
        const int Count = 100_003;
        float[] x = new float[Count];
        for (int i = 0; i < Count; i++)
            x[i] = (float)(from + (to - from) * i / (Count - 1));
        float[] y = Map<TOp>(x);
        double worst = 0;
        int at = 0;
        for (int i = 0; i < Count; i++)
        {
            double expected = exact(x[i]), error = Math.Abs(expected - y[i]) / tolerance(x[i], expected);
            if (!(error <= worst))
                (worst, at) = (error, i);
        }

        Assert.True(worst <= 1, $"{y[at]} at {x[at]} instead of {exact(x[at])}: {worst} times the tolerance");
    }

    private static float[] Map<TOp>(float[] values) where TOp : struct, IUnary
    {
        Guarded x = Guarded.From(values), y = new(values.Length);
        Elementwise.Map<TOp>(x.Data, y.Data, values.Length);
        return y.Span.ToArray();
    }

    private readonly struct ExpOp : IUnary
    {
        public static V Apply<S, V>(V x) where S : struct, ISimd<V> where V : struct => VectorMath.Exp<S, V>(x);
    }

    private readonly struct Exp2Op : IUnary
    {
        public static V Apply<S, V>(V x) where S : struct, ISimd<V> where V : struct => VectorMath.Exp2<S, V>(x);
    }

    private readonly struct CdfOp : IUnary
    {
        public static V Apply<S, V>(V x) where S : struct, ISimd<V> where V : struct => VectorMath.NormalCdf<S, V>(x);
    }

    private readonly struct GeluSlopeOp : IUnary
    {
        public static V Apply<S, V>(V x) where S : struct, ISimd<V> where V : struct
            => GeluGradient.Apply<S, V>(x, S.Set(1f));
    }
}
