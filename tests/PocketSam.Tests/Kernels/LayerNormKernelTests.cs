using PocketSam.Kernels.Ops;

namespace PocketSam.Tests.Kernels;

[Trait("Category", "Simd")]
public sealed unsafe class LayerNormKernelTests
{
    private const float Epsilon = 1e-5f;

    /// <summary>Single rounding of values up to about 8, with statistics over up to 200 of them.</summary>
    private const double Tolerance = 1e-5;

    /// <summary>The same for gradients, which are divided by deviations as small as 0.01 of two close values.</summary>
    private const double GradientTolerance = 5e-4;

    public static TheoryData<int, int> Shapes
    {
        get
        {
            var shapes = new TheoryData<int, int>();
            for (int channels = 1; channels <= 70; channels++)
                shapes.Add(3, channels);
            shapes.Add(1, 200);
            shapes.Add(700, 48); // several parts
            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Forward_normalises_each_row(int rows, int channels)
    {
        float[] values = Samples.Uniform(rows * channels, 1);
        float[] gains = Samples.Uniform(channels, 2, 2f), biases = Samples.Uniform(channels, 3);
        Guarded x = Guarded.From(values), gain = Guarded.From(gains), bias = Guarded.From(biases);
        double[] expected = Reference.LayerNorm(values, gains, biases, rows, channels, Epsilon);
        Guarded y = new(values.Length), statistics = new(2 * rows);
        LayerNormKernel.Forward(x.Data, gain.Data, bias.Data, y.Data, null, rows, channels, Epsilon);
        y.AssertEquals(expected, Tolerance, "without statistics");

        LayerNormKernel.Forward(x.Data, gain.Data, bias.Data, y.Data, statistics.Data, rows, channels, Epsilon);
        y.AssertEquals(expected, Tolerance, "with statistics");
        for (int r = 0; r < rows; r++)
        {
            (double mean, double deviation) = Reference.Moments(values.AsSpan(r * channels, channels), Epsilon);
            Assert.Equal(mean, statistics.Span[2 * r], Tolerance);
            Assert.Equal(1, statistics.Span[2 * r + 1] * deviation, Tolerance);
        }
    }

    [Fact]
    public void A_large_mean_does_not_spoil_the_variance()
    {
        // Values 1000 + small: a sum of squares would have lost the small part. The mean is exact to 6e-5 of deviations
        // of 0.3.
        const double LargeMeanTolerance = 1e-3;
        const int Channels = 40;
        float[] values = [.. Samples.Integers(Channels, 4).Select(v => 1000 + v / 8)];
        float[] ones = new float[Channels], zeros = new float[Channels];
        Array.Fill(ones, 1f);
        Guarded x = Guarded.From(values), gain = Guarded.From(ones), bias = Guarded.From(zeros), y = new(Channels);
        LayerNormKernel.Forward(x.Data, gain.Data, bias.Data, y.Data, null, 1, Channels, Epsilon);
        y.AssertEquals(Reference.LayerNorm(values, ones, zeros, 1, Channels, Epsilon), LargeMeanTolerance, "y");
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Backward_gives_all_gradients(int rows, int channels)
    {
        float[] values = Samples.Uniform(rows * channels, 5), gains = Samples.Uniform(channels, 6);
        float[] gradient = Samples.Uniform(rows * channels, 7), before = Samples.Integers(channels, 8);
        Guarded x = Guarded.From(values), gain = Guarded.From(gains), dy = Guarded.From(gradient);
        Guarded y = new(values.Length), statistics = new(2 * rows), bias = Guarded.From(new float[channels]);
        LayerNormKernel.Forward(x.Data, gain.Data, bias.Data, y.Data, statistics.Data, rows, channels, Epsilon);
        (double[] expected, double[] expectedGain, double[] expectedBias) =
            Reference.LayerNormGradient(values, gains, gradient, rows, channels, Epsilon);
        for (int c = 0; c < channels; c++)
        {
            expectedGain[c] += before[c];
            expectedBias[c] += before[c];
        }

        foreach (bool accumulate in new[] { false, true })
        {
            Guarded dx = accumulate ? Guarded.From(gradient) : new(values.Length);
            Guarded dgain = Guarded.From(before), dbias = Guarded.From(before);
            LayerNormKernel.Backward(
                x.Data, gain.Data, statistics.Data, dy.Data, dx.Data, accumulate, dgain.Data, dbias.Data,
                rows, channels);
            dx.AssertEquals(
                accumulate ? [.. expected.Select((v, i) => v + gradient[i])] : expected, GradientTolerance, "input");
            dgain.AssertEquals(expectedGain, GradientTolerance, "gain");
            dbias.AssertEquals(expectedBias, GradientTolerance, "bias");
        }

        Guarded onlyGain = Guarded.From(before), onlyBias = Guarded.From(before);
        LayerNormKernel.Backward(
            x.Data, gain.Data, statistics.Data, dy.Data, null, false, onlyGain.Data, onlyBias.Data, rows, channels);
        onlyGain.AssertEquals(expectedGain, GradientTolerance, "gain alone");
        onlyBias.AssertEquals(expectedBias, GradientTolerance, "bias alone");
    }
}
