using System.Numerics.Tensors;
using PocketSam.Kernels;
using PocketSam.Kernels.Products;

namespace PocketSam.Training.Optimization;

/// <summary>
/// Approximates the nearest matrix with orthogonal rows or columns. Five iterations of a polynomial of degree five
/// bring singular values to the range 0.7 to 1.2, except those below a thousandth of the norm, which stay smaller
/// (Jordan et al., "Muon", 2024, with their coefficients).
/// </summary>
internal static unsafe class NewtonSchulz
{
    private const int Iterations = 5;

    /// <summary>An iteration replaces X by <c>Linear X + (Cubic G + Quintic G G) X</c> with <c>G = X X^T</c>.</summary>
    private const float Linear = 3.4445f, Cubic = -4.7750f, Quintic = 2.0315f;

    /// <summary>Number of multiply-adds of <see cref="Orthogonalize"/>.</summary>
    public static long Cost(int rows, int columns)
    {
        long small = Math.Min(rows, columns), large = Math.Max(rows, columns);
        return Iterations * small * small * (2 * large + small);
    }

    /// <summary>Orthogonalises a row-major matrix in place, on the calling thread. A zero matrix stays zero.</summary>
    /// <param name="matrix"><c>[rows, columns]</c></param>
    /// <param name="rows">Number of rows, at least 1.</param>
    /// <param name="columns">Number of columns, at least 1.</param>
    public static void Orthogonalize(Span<float> matrix, int rows, int columns)
    {
        // The small addend avoids a division by zero for a zero matrix.
        TensorPrimitives.Divide(matrix, TensorPrimitives.Norm<float>(matrix) + 1e-7f, matrix);

        // The smaller Gram matrix is that of the shorter side: X^T X for a tall matrix, multiplied from the right.
        bool tall = rows > columns;
        int side = Math.Min(rows, columns), area = side * side;
        float* g = Scratch.Get(Scratch.Slot.Hidden, 2 * (nint)area + matrix.Length), p = g + area, y = p + area;
        Span<float> gram = new(g, area), polynomial = new(p, area), product = new(y, matrix.Length);
        fixed (float* x = matrix)
        {
            for (int i = 0; i < Iterations; i++)
            {
                Gemm square = tall
                    ? new Gemm(x, 1, columns, x, columns, 1, g, side, side, side, rows)
                    : new Gemm(x, columns, 1, x, 1, columns, g, side, side, side, columns);
                square.RunHere();
                new Gemm(g, side, 1, g, side, 1, p, side, side, side, side).RunHere();
                TensorPrimitives.Multiply(polynomial, Quintic, polynomial);
                TensorPrimitives.MultiplyAdd(gram, Cubic, polynomial, polynomial);
                Gemm step = tall
                    ? new Gemm(x, columns, 1, p, side, 1, y, columns, rows, columns, side)
                    : new Gemm(p, side, 1, x, columns, 1, y, columns, rows, columns, side);
                step.RunHere();
                TensorPrimitives.MultiplyAdd(matrix, Linear, product, matrix);
            }
        }
    }
}
