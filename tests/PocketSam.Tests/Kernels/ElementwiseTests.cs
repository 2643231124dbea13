using PocketSam.Kernels.Vectors;

namespace PocketSam.Tests.Kernels;

[Trait("Category", "Simd")]
public sealed unsafe class ElementwiseTests
{
    /// <summary>Single rounding of results up to 20, and the approximation of Phi.</summary>
    private const double Tolerance = 4e-6;

    public static TheoryData<int> Lengths => [.. Enumerable.Range(0, 71), 40_000];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Functions_of_one_value(int length)
    {
        Unary<Identity>(length, x => x);
        Unary<Relu>(length, Reference.Relu);
        Unary<Gelu>(length, Reference.Gelu);
        Unary<Silu>(length, Reference.Silu);
        Unary<QuickGelu>(length, Reference.QuickGelu);
    }

    [Fact]
    public void Silu_of_extreme_values_is_finite()
    {
        float[] values = [-1e30f, -1000f, -88f, -87f, -20f, 20f, 88f, 1000f, 1e30f];
        Guarded x = Guarded.From(values), y = new(values.Length);
        Elementwise.Map<Silu>(x.Data, y.Data, values.Length);
        Assert.All(y.Span.ToArray().Skip(1).Take(4), v => Assert.InRange(v, -1e-7f, 0f));
        Assert.Equal(values[5..], y.Span[5..].ToArray());
        Assert.True(float.IsFinite(y.Span[0]));
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Functions_of_two_values(int length)
    {
        Binary<Sum>(length, (x, y) => x + y);
        Binary<ReluGradient>(length, (x, dy) => x > 0 ? dy : 0);
        Binary<GeluGradient>(length, (x, dy) => dy * Reference.GeluSlope(x));
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Scaled_loops(int length)
    {
        float[] values = Samples.Integers(length, 1), before = Samples.Integers(length, 2);
        Guarded x = Guarded.From(values), target = Guarded.From(before);
        Simd.Run(new AddScaled { X = x.Data, Target = target.Data, Count = length, Scale = -0.5f });
        target.AssertEquals([.. before.Select((v, i) => v - 0.5 * values[i])], 0, "added");
        Simd.Run(new ScaleInPlace { X = x.Data, Count = length, Scale = 0.25f });
        x.AssertEquals([.. values.Select(v => 0.25 * v)], 0, "scaled");
    }

    private static void Unary<TOp>(int length, Func<double, double> f) where TOp : struct, IUnary
    {
        float[] values = Samples.Uniform(length, 3, 4f), before = Samples.Uniform(length, 4);
        Guarded x = Guarded.From(values), y = new(length), sum = Guarded.From(before);
        double[] expected = [.. values.Select(v => f(v))];
        Elementwise.Map<TOp>(x.Data, y.Data, length);
        y.AssertEquals(expected, Tolerance, typeof(TOp).Name);
        Elementwise.Map<TOp>(x.Data, sum.Data, length, accumulate: true);
        sum.AssertEquals([.. expected.Select((v, i) => v + before[i])], Tolerance, $"{typeof(TOp).Name}, added");
        Elementwise.Map<TOp>(x.Data, x.Data, length);
        x.AssertEquals(expected, Tolerance, $"{typeof(TOp).Name}, in place");
    }

    private static void Binary<TOp>(int length, Func<double, double, double> f) where TOp : struct, IBinary
    {
        float[] left = Samples.Uniform(length, 5, 4f), right = Samples.Uniform(length, 6);
        float[] before = Samples.Uniform(length, 7);
        Guarded x = Guarded.From(left), y = Guarded.From(right), z = new(length), sum = Guarded.From(before);
        double[] expected = [.. left.Select((v, i) => f(v, right[i]))];
        Elementwise.Zip<TOp>(x.Data, y.Data, z.Data, length);
        z.AssertEquals(expected, Tolerance, typeof(TOp).Name);
        Elementwise.Zip<TOp>(x.Data, y.Data, sum.Data, length, accumulate: true);
        sum.AssertEquals([.. expected.Select((v, i) => v + before[i])], Tolerance, $"{typeof(TOp).Name}, added");
        Elementwise.Zip<TOp>(x.Data, y.Data, y.Data, length);
        y.AssertEquals(expected, Tolerance, $"{typeof(TOp).Name}, in place");
    }
}
