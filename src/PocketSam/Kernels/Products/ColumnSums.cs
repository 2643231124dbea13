using System.Buffers;
using System.Runtime.CompilerServices;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Products;

/// <summary>
/// Sums over the rows of a matrix, for the gradients of biases and of normalisation gains, in a fixed number of parts
/// that are added in order.
/// </summary>
internal static unsafe class ColumnSums
{
    /// <summary>Rows that are added to a sum while it is in a register.</summary>
    public const int RowsAtOnce = 4;

    /// <summary>Number of parts for a matrix of this size; depends on nothing else.</summary>
    public static int Parts(int rows, int columns) => (int)Math.Clamp((long)rows * columns / 32_768, 1, Math.Min(rows, 16));

    /// <summary>
    /// Lets <paramref name="body"/>(first row, end row, sums) add up each part into <paramref name="width"/> sums that
    /// start at zero, then adds their total to <paramref name="target"/>.
    /// </summary>
    public static void Reduce(int rows, int parts, int width, float[] target, SumRows body)
    {
        float[] partial = ArrayPool<float>.Shared.Rent(parts * width);
        Workers.For(parts, part =>
        {
            partial.AsSpan(part * width, width).Clear();
            fixed (float* p = partial)
                body((int)((long)rows * part / parts), (int)((long)rows * (part + 1) / parts), p + part * width);
        });
        for (int part = 0; part < parts; part++)
        {
            for (int i = 0; i < width; i++)
                target[i] += partial[part * width + i];
        }

        ArrayPool<float>.Shared.Return(partial);
    }

    /// <summary>target[n] += sum over m of x[m, n]</summary>
    public static void Add(float* x, int rows, int columns, float* target)
    {
        float[] total = new float[columns];
        Reduce(rows, Parts(rows, columns), columns, total, (start, end, sums) =>
            Simd.Run(new AddRows { X = x + (nint)start * columns, Stride = columns, Target = sums, Rows = end - start, Count = columns }));
        for (int i = 0; i < columns; i++)
            target[i] += total[i];
    }

}

/// <summary>Adds rows [start, end) into sums.</summary>
internal unsafe delegate void SumRows(int start, int end, float* sums);

/// <summary>Adds rows to sums, on the calling thread.</summary>
internal unsafe struct AddRows : ISimdKernel
{
    public float* X, Target;
    public nint Stride;
    public int Rows, Count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
    {
        int row = 0;
        for (; row + ColumnSums.RowsAtOnce <= Rows; row += ColumnSums.RowsAtOnce)
            Add<S, V>(row, ColumnSums.RowsAtOnce);
        for (; row < Rows; row++)
            Add<S, V>(row, 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Add<S, V>(int row, int count) where S : struct, ISimd<V> where V : struct
    {
        int i = 0;
        for (; i + S.Width <= Count; i += S.Width)
            Step<S, V>(X + row * Stride + i, Target + i, count);
        for (; i < Count; i++)
            Step<SimdScalar, float>(X + row * Stride + i, Target + i, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Step<S, V>(float* x, float* target, int count) where S : struct, ISimd<V> where V : struct
    {
        V sum = S.Load(target);
        for (int r = 0; r < count; r++, x += Stride)
            sum = S.Add(sum, S.Load(x));
        S.Store(target, sum);
    }
}
