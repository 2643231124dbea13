using PocketSam.Kernels.Decoder;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Tests.Kernels;

/// <summary>Products and loops over panels against plain loops.</summary>
[Trait("Category", "Simd")]
public sealed unsafe class PanelProductTests
{
    private const double Tolerance = 2e-5;

    private static int Width => PackedOperand.PanelWidth;

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 5, 1)]
    [InlineData(4, 7, 2)]
    [InlineData(7, 16, 1)]
    [InlineData(8, 32, 3)]
    [InlineData(14, 9, 1)]
    [InlineData(56, 64, 4)]
    public void A_product_equals_the_definition(int rows, int k, int segments)
    {
        const int Gap = 3; // between rows and segments of the left operand
        int stride = k + Gap, segment = rows * stride + Gap;
        Guarded a = Guarded.Rows(Samples.Uniform(segments * rows * k, 1), k, stride), left = new(segments * segment);
        for (int s = 0; s < segments; s++)
            a.Span.Slice(s * rows * stride, rows * stride).CopyTo(left.Span[(s * segment)..]);
        Guarded b = Guarded.From(Samples.Uniform(segments * k * Width, 2));
        Guarded initial = Guarded.From(Samples.Uniform(rows * Width, 3)), bias = Guarded.From(Samples.Uniform(rows, 4));
        foreach ((bool starts, bool biased, bool inPlace) in new[]
            { (false, false, false), (true, false, false), (false, true, false), (true, true, false), (true, true, true) })
        {
            double[] expected = new double[rows * Width];
            for (int i = 0; i < expected.Length; i++)
            {
                int row = i / Width, column = i % Width;
                expected[i] = (starts ? initial.Span[i] : 0) + (biased ? bias.Span[row] : 0);
                for (int s = 0; s < segments; s++)
                    for (int l = 0; l < k; l++)
                        expected[i] += (double)left.Span[s * segment + row * stride + l] * b.Span[(s * k + l) * Width + column];
            }

            Guarded c = inPlace ? Guarded.From(initial.Span) : new(rows * Width);
            Simd.Run(new Product
            {
                Panel = new PanelProduct(left.Data, stride, b.Data, c.Data, rows, k)
                {
                    Segments = segments,
                    SegmentStride = segment,
                    Initial = inPlace ? c.Data : starts ? initial.Data : null,
                    Bias = biased ? bias.Data : null,
                },
            });
            c.AssertEquals(expected, Tolerance, $"from {starts}, bias {biased}, in place {inPlace}");
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(66)]
    public void A_norm_is_over_the_rows_of_each_column(int rows)
    {
        const float Epsilon = 1e-5f;
        float[] x = Samples.Uniform(rows * Width, 1), gain = Samples.Uniform(rows, 2), bias = Samples.Uniform(rows, 3);
        float[] positions = Samples.Uniform(rows * Width, 4);
        double[] norm = new double[x.Length], gelu = new double[x.Length], placed = new double[x.Length];
        for (int column = 0; column < Width; column++)
        {
            double mean = 0, variance = 0;
            for (int row = 0; row < rows; row++)
                mean += x[row * Width + column] / (double)rows;
            for (int row = 0; row < rows; row++)
                variance += (x[row * Width + column] - mean) * (x[row * Width + column] - mean) / rows;
            for (int row = 0; row < rows; row++)
            {
                int i = row * Width + column;
                norm[i] = (x[i] - mean) / Math.Sqrt(variance + Epsilon) * gain[row] + bias[row];
                gelu[i] = Reference.Gelu(norm[i]);
                placed[i] = norm[i] + positions[i];
            }
        }

        Guarded g = Guarded.From(gain), b = Guarded.From(bias), p = Guarded.From(positions);
        Guarded y = Guarded.From(x), z = Guarded.From(x), target = new(x.Length);
        Simd.Run(new Norm<Identity> { X = y.Data, Gain = g.Data, Bias = b.Data, Rows = rows, Positions = p.Data, Placed = target.Data });
        Simd.Run(new Norm<Gelu> { X = z.Data, Gain = g.Data, Bias = b.Data, Rows = rows });
        y.AssertEquals(norm, Tolerance, "norm");
        target.AssertEquals(placed, Tolerance, "with positions");
        z.AssertEquals(gelu, Tolerance, "with GELU");
    }

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(2, 7, true)]
    [InlineData(8, 9, false)]
    public void A_softmax_is_over_each_group_of_rows(int groups, int length, bool offset)
    {
        const float Scale = 0.7f;
        float[] x = Samples.Uniform(groups * length * Width, 1, 20), offsets = Samples.Uniform(groups * length, 2, 5);
        double[] expected = new double[x.Length];
        for (int group = 0; group < groups; group++)
        {
            for (int column = 0; column < Width; column++)
            {
                int At(int row) => (group * length + row) * Width + column;
                double[] p = Reference.Softmax(
                    [.. Enumerable.Range(0, length)
                        .Select(r => Scale * ((double)x[At(r)] + (offset ? offsets[group * length + r] : 0)))]);
                for (int row = 0; row < length; row++)
                    expected[At(row)] = p[row];
            }
        }

        Guarded y = Guarded.From(x), o = Guarded.From(offsets);
        Simd.Run(new Softmax { X = y.Data, Groups = groups, Length = length, Scale = Scale, Offsets = offset ? o.Data : null });
        y.AssertEquals(expected, Tolerance, "softmax");
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(16, 8)]
    [InlineData(50, 20)]
    public void Image_rows_become_columns_and_are_projected(int rows, int channels)
    {
        const int Outputs = 6;
        float[] x = Samples.Uniform(rows * channels, 1), y = Samples.Uniform(rows * channels, 2);
        float[] bias = Samples.Uniform(channels, 3), weights = Samples.Uniform(Outputs * channels, 4);
        float[] outputBias = Samples.Uniform(Outputs, 5);
        int columns = PackedImage.Panels(rows) * Width;
        Assert.Equal(columns * channels, PackedImage.Size(rows, channels));
        double[] packed = new double[columns * channels], projected = new double[columns * Outputs];
        for (int column = 0; column < columns; column++)
        {
            // A column that only fills up the last panel is a row of zeros.
            float X(int c) => (column < rows ? x[column * channels + c] : 0) + bias[c];
            float Y(int c) => column < rows ? y[column * channels + c] : 0;
            for (int c = 0; c < channels; c++)
                packed[(column / Width * channels + c) * Width + column % Width] = X(c);
            for (int o = 0; o < Outputs; o++)
            {
                projected[(column / Width * Outputs + o) * Width + column % Width] = outputBias[o]
                    + Enumerable.Range(0, channels).Sum(c => (double)weights[o * channels + c] * (X(c) + Y(c)));
            }
        }

        Guarded source = Guarded.From(x), other = Guarded.From(y), b = Guarded.From(bias), w = Guarded.From(weights);
        Guarded ob = Guarded.From(outputBias), p = new(packed.Length), q = new(packed.Length), r = new(projected.Length);
        PackedImage.Pack(source.Data, rows, channels, b.Data, p.Data);
        PackedImage.Pack(other.Data, rows, channels, null, q.Data);
        PackedImage.Project(p.Data, q.Data, rows, channels, w.Data, ob.Data, Outputs, r.Data);
        p.AssertEquals(packed, 1e-6, "packed");
        r.AssertEquals(projected, Tolerance, "projected");
    }

    private struct Product : ISimdKernel
    {
        public PanelProduct Panel;

        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct => Panel.Run<S, V>();
    }

    private struct Norm<TOp> : ISimdKernel where TOp : struct, IUnary
    {
        public float* X, Gain, Bias, Positions, Placed;
        public int Rows;

        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
            => PanelLoops.Normalize<S, V, TOp>(X, Rows, Gain, Bias, 1e-5f, Positions, Placed);
    }

    private struct Softmax : ISimdKernel
    {
        public float* X, Offsets;
        public int Groups, Length;
        public float Scale;

        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
            => PanelLoops.Softmax<S, V>(X, Groups, Length, Scale, Offsets);
    }
}
