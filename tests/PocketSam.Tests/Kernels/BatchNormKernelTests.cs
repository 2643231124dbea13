using PocketSam.Kernels.Ops;

namespace PocketSam.Tests.Kernels;

[Trait("Category", "Simd")]
public sealed unsafe class BatchNormKernelTests
{
    /// <summary>Single rounding of values about 1 and of sums over up to 3000 rows.</summary>
    private const double Tolerance = 1e-5;

    /// <summary>Of sums over rows, relative to their number.</summary>
    private const double SumTolerance = 1e-6;

    public static TheoryData<int, int> Shapes
    {
        get
        {
            var shapes = new TheoryData<int, int>();
            for (int channels = 1; channels <= 70; channels++)
                shapes.Add(5, channels);
            shapes.Add(1, 19);
            shapes.Add(3000, 33); // several parts
            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Statistics_are_mean_and_biased_variance(int rows, int channels)
    {
        foreach (float offset in new[] { 0f, 100f })
        {
            float[] values = [.. Samples.Uniform(rows * channels, 1).Select(v => v + offset)];
            float[] mean = new float[channels], variance = new float[channels];
            Guarded x = Guarded.From(values);
            BatchNormKernel.Statistics(x.Data, rows, channels, mean, variance);
            for (int c = 0; c < channels; c++)
            {
                float[] column = [.. Enumerable.Range(0, rows).Select(r => values[r * channels + c])];
                (double m, double d) = Reference.Moments(column, 0);
                Assert.Equal(m, mean[c], Tolerance * (1 + offset / 10));
                Assert.Equal(d * d, variance[c], Tolerance);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Apply_scales_and_shifts(int rows, int channels)
    {
        float[] values = Samples.Uniform(rows * channels, 2);
        float[] scales = Samples.Uniform(channels, 3), shifts = Samples.Uniform(channels, 4);
        Guarded x = Guarded.From(values), scale = Guarded.From(scales), shift = Guarded.From(shifts);
        foreach (bool gelu in new[] { false, true })
        {
            double[] expected = [.. values.Select((v, i) => (double)v * scales[i % channels] + shifts[i % channels])];
            var y = new Guarded(values.Length);
            BatchNormKernel.Apply(x.Data, scale.Data, shift.Data, y.Data, rows, channels, gelu);
            y.AssertEquals(gelu ? [.. expected.Select(Reference.Gelu)] : expected, Tolerance, $"GELU {gelu}");
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void BackwardSums_passes_the_activation_and_sums_over_rows(int rows, int channels)
    {
        float[] values = Samples.Uniform(rows * channels, 5), gradient = Samples.Uniform(rows * channels, 6);
        float[] scales = Samples.Uniform(channels, 7), shifts = Samples.Uniform(channels, 8);
        float[] mean = Samples.Uniform(channels, 9), rstd = Samples.Uniform(channels, 10);
        Guarded x = Guarded.From(values), scale = Guarded.From(scales), shift = Guarded.From(shifts);
        foreach (bool gelu in new[] { false, true })
        {
            double[] dz = new double[values.Length], expected = new double[2 * channels];
            for (int i = 0; i < values.Length; i++)
            {
                int c = i % channels;
                dz[i] = gradient[i] * (gelu ? Reference.GeluSlope((double)values[i] * scales[c] + shifts[c]) : 1);
                expected[c] += dz[i] * (values[i] - mean[c]) * rstd[c];
                expected[channels + c] += dz[i];
            }

            Guarded dy = Guarded.From(gradient);
            float[] sums = new float[2 * channels];
            BatchNormKernel.BackwardSums(
                x.Data, scale.Data, shift.Data, mean, rstd, dy.Data, sums, rows, channels, gelu);
            dy.AssertEquals(dz, Tolerance, $"dz, GELU {gelu}");
            for (int i = 0; i < sums.Length; i++)
                Assert.Equal(expected[i], sums[i], SumTolerance * rows + Tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void BackwardInput_combines_per_channel(int rows, int channels)
    {
        float[] values = Samples.Integers(rows * channels, 11), gradient = Samples.Integers(rows * channels, 12);
        float[] a = Samples.Integers(channels, 13), b = Samples.Integers(channels, 14);
        float[] c = Samples.Integers(channels, 15);
        double[] expected = new double[values.Length];
        for (int i = 0; i < expected.Length; i++)
            expected[i] = (double)gradient[i] * a[i % channels] + (double)values[i] * b[i % channels] + c[i % channels];
        Guarded x = Guarded.From(values), dz = Guarded.From(gradient), dx = new(values.Length);
        Guarded ga = Guarded.From(a), gb = Guarded.From(b), gc = Guarded.From(c);
        BatchNormKernel.BackwardInput(x.Data, dz.Data, ga.Data, gb.Data, gc.Data, dx.Data, false, rows, channels);
        dx.AssertEquals(expected, 0, "written");
        BatchNormKernel.BackwardInput(x.Data, dz.Data, ga.Data, gb.Data, gc.Data, dx.Data, true, rows, channels);
        dx.AssertEquals([.. expected.Select(v => 2 * v)], 0, "added");
    }
}
