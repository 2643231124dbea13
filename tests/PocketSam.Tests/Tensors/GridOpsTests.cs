using PocketSam.Tensors;

namespace PocketSam.Tests.Tensors;

[Trait("Category", "Simd")]
public sealed class GridOpsTests
{
    /// <summary>Rounding of sixteen products of single precision.</summary>
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData(4, 4, 4, 4, 3)]
    [InlineData(3, 5, 7, 2, 9)]
    [InlineData(5, 5, 11, 8, 17)]
    [InlineData(1, 2, 3, 3, 1)]
    public void ResizeBicubic_equals_the_naive_sum_and_has_its_gradient(int rows, int columns, int toRows, int toColumns, int channels)
    {
        Tensor x = Samples.Tensor(1, rows * columns, channels);
        using (Tape.Inference())
        {
            Tensor y = x.ResizeBicubic(rows, columns, toRows, toColumns);
            for (int i = 0; i < y.Count; i++)
            {
                (int cell, int c) = (i / channels, i % channels);
                Assert.Equal(Naive(cell / toColumns, cell % toColumns, c), y.Span[i], Tolerance);
            }
        }

        GradientCheck.Of([x], () => x.ResizeBicubic(rows, columns, toRows, toColumns));

        double Naive(int row, int column, int c)
        {
            double sy = (row + 0.5) * rows / toRows - 0.5, sx = (column + 0.5) * columns / toColumns - 0.5, sum = 0;
            for (int y = (int)Math.Floor(sy) - 1; y <= (int)Math.Floor(sy) + 2; y++)
            {
                for (int z = (int)Math.Floor(sx) - 1; z <= (int)Math.Floor(sx) + 2; z++)
                {
                    int at = Math.Clamp(y, 0, rows - 1) * columns + Math.Clamp(z, 0, columns - 1);
                    sum += Kernel(sy - y) * Kernel(sx - z) * x.Span[at * channels + c];
                }
            }

            return sum;
        }

        // Keys' cubic convolution with a = -0.75 as PyTorch has it.
        static double Kernel(double d)
        {
            d = Math.Abs(d);
            return d <= 1 ? 1.25 * d * d * d - 2.25 * d * d + 1 : d < 2 ? -0.75 * (d * d * d - 5 * d * d + 8 * d - 4) : 0;
        }
    }
}
