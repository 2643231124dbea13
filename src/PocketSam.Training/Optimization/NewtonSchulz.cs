using System.Numerics.Tensors;
using PocketSam.Kernels;
using PocketSam.Kernels.Products;

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
        // Without the small number a matrix of zeros would be divided by zero.
        TensorPrimitives.Divide(matrix, TensorPrimitives.Norm<float>(matrix) + 1e-7f, matrix);

        // The Gram matrix of the short side is the small one; that of a tall matrix stands on the other side of it.
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
