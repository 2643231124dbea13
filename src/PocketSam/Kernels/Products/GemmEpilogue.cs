using System.Runtime.CompilerServices;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Products;

/// <summary>
/// c = activation(c + bias + residual), or activation(c + bias) +
/// residual, for a block of a product's rows and columns.
/// </summary>
internal static unsafe class GemmEpilogue
{
    /// <summary>Runs at the widest vectors, independent of the width of the caller.</summary>
    /// <param name="product">The product, with its bias, residual and activation.</param>
    /// <param name="c">The sums, at the block's first row and column.</param>
    /// <param name="row">The first row of the block.</param>
    /// <param name="column">The first column of the block.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Number of columns, at most two vectors.</param>
    public static void Run(in Gemm product, float* c, int row, int column, int rows, int columns)
        => Simd.Run(new Loop { Product = product, C = c, Row = row, Column = column, Rows = rows, Columns = columns });

    /// <inheritdoc cref="Run"/>
    public static void Run<S, V>(in Gemm product, float* c, int row, int column, int rows, int columns)
        where S : struct, ISimd<V> where V : struct
    {
        if (product.Activation == Activation.Gelu)
            Run<S, V, Gelu>(product, c, row, column, rows, columns);
        else if (product.Activation == Activation.Relu)
            Run<S, V, Relu>(product, c, row, column, rows, columns);
        else if (product.Activation == Activation.Silu)
            Run<S, V, Silu>(product, c, row, column, rows, columns);
        else if (product.Activation == Activation.QuickGelu)
            Run<S, V, QuickGelu>(product, c, row, column, rows, columns);
        else
            Run<S, V, Identity>(product, c, row, column, rows, columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<S, V, TOp>(in Gemm product, float* c, int row, int column, int rows, int columns)
        where S : struct, ISimd<V> where V : struct where TOp : struct, IUnary
    {
        // Without bias or residual, the same zeros are read for every row.
        float* zeros = stackalloc float[32];
        float* bias = product.Bias is null ? zeros : product.Bias + column;
        float* residual = product.Residual is null ? zeros : product.Residual + row * product.ResidualStride + column;
        nint stride = product.Residual is null ? 0 : product.ResidualStride;
        if (product.AddsResidualLast)
        {
            for (int r = 0; r < rows; r++)
            {
                int j = 0;
                for (; j + S.Width <= columns; j += S.Width)
                    S.Store(c + j, S.Add(TOp.Apply<S, V>(S.Add(S.Load(c + j), S.Load(bias + j))), S.Load(residual + j)));
                for (; j < columns; j++)
                    c[j] = TOp.Apply<SimdScalar, float>(c[j] + bias[j]) + residual[j];
                c += product.Ldc;
                residual += stride;
            }

            return;
        }

        if (columns == 2 * S.Width)
        {
            V b0 = S.Load(bias), b1 = S.Load(bias + S.Width);
            for (int r = 0; r < rows; r++)
            {
                V x0 = S.Add(S.Add(S.Load(c), b0), S.Load(residual));
                V x1 = S.Add(S.Add(S.Load(c + S.Width), b1), S.Load(residual + S.Width));
                S.Store(c, TOp.Apply<S, V>(x0));
                S.Store(c + S.Width, TOp.Apply<S, V>(x1));
                c += product.Ldc;
                residual += stride;
            }

            return;
        }

        for (int r = 0; r < rows; r++)
        {
            int j = 0;
            for (; j + S.Width <= columns; j += S.Width)
            {
                V x = S.Add(S.Add(S.Load(c + j), S.Load(bias + j)), S.Load(residual + j));
                S.Store(c + j, TOp.Apply<S, V>(x));
            }

            for (; j < columns; j++)
                c[j] = TOp.Apply<SimdScalar, float>(c[j] + bias[j] + residual[j]);
            c += product.Ldc;
            residual += stride;
        }
    }

    private struct Loop : ISimdKernel
    {
        public Gemm Product;
        public float* C;
        public int Row, Column, Rows, Columns;

        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
            => GemmEpilogue.Run<S, V>(Product, C, Row, Column, Rows, Columns);
    }
}
