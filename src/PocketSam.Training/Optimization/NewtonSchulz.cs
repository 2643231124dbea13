using System.Numerics.Tensors;
using PocketSam.Kernels;

namespace PocketSam.Training.Optimization;

/// <summary>
/// The nearest matrix with orthogonal rows or columns, roughly: five iterations of a polynomial of degree five bring
/// singular values between 0.7 and 1.2 (Jordan et al., "Muon", 2024; the coefficients are theirs), but for those that were
/// below a thousandth of the norm, which stay smaller.
/// </summary>
internal static unsafe class NewtonSchulz
{
    private const int Iterations = 5;

    /// <summary>X becomes <c>Linear X + (Cubic G + Quintic G G) X</c> with <c>G = X X^T</c>.</summary>
    private const float Linear = 3.4445f, Cubic = -4.7750f, Quintic = 2.0315f;

    /// <summary>Multiply-adds of <see cref="Orthogonalize"/>.</summary>
    public static long Cost(int rows, int columns)
    {
        long small = Math.Min(rows, columns), large = Math.Max(rows, columns);
        return Iterations * small * small * (2 * large + small);
    }

    /// <summary>Changes a row-major matrix in place, on the calling thread. A matrix of zeros stays.</summary>
    /// <param name="matrix"><c>[rows, columns]</c></param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="columns">Columns, at least 1.</param>
    public static void Orthogonalize(Span<float> matrix, int rows, int columns)
    {
        // The Gram matrix of the short side is the small one.
        bool tall = rows > columns;
        (int m, int n) = tall ? (columns, rows) : (rows, columns);
        float[] x = new float[m * n], next = new float[m * n], gram = new float[m * m], polynomial = new float[m * m];
        if (tall)
            Transpose(matrix, x, rows, columns);
        else
            matrix.CopyTo(x);

        // Without the small number a matrix of zeros would be divided by zero.
        TensorPrimitives.Divide(x, TensorPrimitives.Norm<float>(x) + 1e-7f, x);
        fixed (float* g = gram, p = polynomial)
        {
            for (int i = 0; i < Iterations; i++)
            {
                fixed (float* from = x, to = next)
                {
                    new Gemm(from, n, 1, from, 1, n, g, m, m, m, n).RunHere();
                    new Gemm(g, m, 1, g, m, 1, p, m, m, m, m).RunHere();
                    TensorPrimitives.Multiply(polynomial, Quintic, polynomial);
                    TensorPrimitives.MultiplyAdd(gram, Cubic, polynomial, polynomial);
                    new Gemm(p, m, 1, from, n, 1, to, n, m, n, m).RunHere();
                    TensorPrimitives.MultiplyAdd(x, Linear, next, next);
                }

                (x, next) = (next, x);
            }
        }

        if (tall)
            Transpose(x, matrix, columns, rows);
        else
            x.CopyTo(matrix);
    }

    private static void Transpose(ReadOnlySpan<float> from, Span<float> to, int rows, int columns)
    {
        for (int r = 0; r < rows; r++)
            for (int c = 0; c < columns; c++)
                to[c * rows + r] = from[r * columns + c];
    }
}
