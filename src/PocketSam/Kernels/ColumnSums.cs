using System.Runtime.CompilerServices;

namespace PocketSam.Kernels;

/// <summary>
/// Sums over the rows of a matrix, in a fixed number of parts that are added in order: gradients of biases and of the
/// gains of normalisations.
/// </summary>
internal static unsafe class ColumnSums
{
    /// <summary>Number of parts for that many rows of that many columns; depends on nothing else.</summary>
    public static int Parts(int rows, int columns) => (int)Math.Clamp((long)rows * columns / 32_768, 1, Math.Min(rows, 16));

    /// <summary>
    /// Lets <paramref name="body"/>(first row, end row, sums) add up each part into <paramref name="width"/> sums that
    /// begin at zero, then adds their total to <paramref name="target"/>.
    /// </summary>
    public static void Reduce(int rows, int parts, int width, float[] target, SumRows body)
    {
        float[] partial = new float[parts * width + 16];
        Workers.For(parts, part =>
        {
            fixed (float* p = partial)
                body((int)((long)rows * part / parts), (int)((long)rows * (part + 1) / parts), p + part * width);
        });
        for (int part = 0; part < parts; part++)
        {
            for (int i = 0; i < width; i++)
                target[i] += partial[part * width + i];
        }
    }

    /// <summary>target[n] += sum over m of x[m, n]</summary>
    public static void Add(float* x, int rows, int columns, float* target)
    {
        float[] total = new float[columns];
        Reduce(rows, Parts(rows, columns), columns, total, (start, end, sums) =>
            Simd.Run(new AddRows { X = x + (nint)start * columns, Target = sums, Rows = end - start, Count = columns }));
        for (int i = 0; i < columns; i++)
            target[i] += total[i];
    }

    private struct AddRows : ISimdKernel
    {
        public float* X, Target;
        public int Rows, Count;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            float* x = X;
            for (int row = 0; row < Rows; row++, x += Count)
            {
                int i = 0;
                for (; i + S.Width <= Count; i += S.Width)
                    S.Store(Target + i, S.Add(S.Load(Target + i), S.Load(x + i)));
                for (; i < Count; i++)
                    Target[i] += x[i];
            }
        }
    }
}

/// <summary>Adds rows [start, end) into sums.</summary>
internal unsafe delegate void SumRows(int start, int end, float* sums);
