using PocketSam.Training.Optimization;

namespace PocketSam.Training.Tests.Optimization;

[Trait("Category", "Simd")]
public sealed class NewtonSchulzTests
{
    /// <summary>Single precision against double, values of up to one, after five iterations.</summary>
    private const double Tolerance = 2e-5;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 5)]
    [InlineData(24, 100)]
    [InlineData(100, 24)]
    [InlineData(67, 33)]
    public void It_follows_the_formula(int rows, int columns)
    {
        float[] matrix = RandomMatrix(rows, columns, seed: 3);
        double[,] expected = Naive(matrix, rows, columns);
        NewtonSchulz.Orthogonalize(matrix, rows, columns);
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                Assert.Equal(expected[r, c], matrix[r * columns + c], Tolerance);
    }

    [Fact]
    public void Lengths_of_vectors_of_the_short_side_nearly_stay()
    {
        const int rows = 32, columns = 96;
        float[] matrix = RandomMatrix(rows, columns, seed: 4);
        NewtonSchulz.Orthogonalize(matrix, rows, columns);
        for (int seed = 0; seed < 20; seed++)
        {
            float[] v = RandomMatrix(1, rows, seed);
            double[] image = new double[columns];
            for (int r = 0; r < rows; r++)
                for (int c = 0; c < columns; c++)
                    image[c] += v[r] * matrix[r * columns + c];
            Assert.InRange(Math.Sqrt(image.Sum(x => x * x) / v.Sum(x => (double)x * x)), 0.65, 1.25);
        }
    }

    [Fact]
    public void Zeros_stay_and_the_scale_does_not_matter()
    {
        float[] zeros = new float[8 * 30];
        NewtonSchulz.Orthogonalize(zeros, 8, 30);
        Assert.All(zeros, v => Assert.Equal(0f, v));

        float[] small = RandomMatrix(8, 30, seed: 5), large = [.. small.Select(v => v * 1024)];
        NewtonSchulz.Orthogonalize(small, 8, 30);
        NewtonSchulz.Orthogonalize(large, 8, 30);
        for (int i = 0; i < small.Length; i++)
            Assert.Equal(small[i], large[i], Tolerance);
    }

    private static double[,] Naive(float[] matrix, int rows, int columns)
    {
        double norm = Math.Sqrt(matrix.Sum(v => (double)v * v)) + 1e-7;
        double[,] x = new double[rows, columns];
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                x[r, c] = matrix[r * columns + c] / norm;
        for (int i = 0; i < 5; i++)
        {
            double[,] cube = Product(Product(x, Transposed(x)), x), fifth = Product(Product(x, Transposed(x)), cube);
            for (int r = 0; r < rows; r++)
                for (int c = 0; c < columns; c++)
                    x[r, c] = 3.4445 * x[r, c] - 4.7750 * cube[r, c] + 2.0315 * fifth[r, c];
        }

        return x;
    }

    private static double[,] Transposed(double[,] a)
    {
        double[,] result = new double[a.GetLength(1), a.GetLength(0)];
        for (int r = 0; r < a.GetLength(0); r++)
            for (int c = 0; c < a.GetLength(1); c++)
                result[c, r] = a[r, c];
        return result;
    }

    private static double[,] Product(double[,] a, double[,] b)
    {
        double[,] result = new double[a.GetLength(0), b.GetLength(1)];
        for (int r = 0; r < a.GetLength(0); r++)
            for (int k = 0; k < a.GetLength(1); k++)
                for (int c = 0; c < b.GetLength(1); c++)
                    result[r, c] += a[r, k] * b[k, c];
        return result;
    }

    private static float[] RandomMatrix(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows * columns).Select(_ => (float)(random.NextDouble() * 2 - 1))];
    }
}
