using System.Runtime.CompilerServices;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Ops;

/// <summary>
/// softmax(scale q k^T + bias) v for one head whose keys and values fit the cache: they are packed once, then a few
/// queries at a time go through scores, softmax and weighted sum in cache. The softmax is over powers of two: scale and
/// bias are premultiplied by log2 e.
/// </summary>
internal unsafe struct AttentionHead : ISimdKernel
{
    public int Queries, Keys, Dim, ValueDim;
    public float Scale;

    /// <summary>First rows, and floats from one row to the next.</summary>
    public float* Query, Key, Value, Output;

    public nint QueryRow, KeyRow, ValueRow, OutputRow;

    /// <summary>
    /// <c>[Queries, BiasRow]</c>: a bias for each pair, padded with <see cref="Excluded"/> to a whole vector. A
    /// <see cref="BiasRow"/> of 0 uses one row for all queries.
    /// </summary>
    public float* Bias;

    public nint BiasRow;

    /// <summary>The bias of padding keys.</summary>
    public const float Excluded = -1e30f;

    /// <summary>Floats in a row of a bias for this many keys: whole panels.</summary>
    public static int BiasRowOf(int keys) => (keys + PackedOperand.PanelWidth - 1) / PackedOperand.PanelWidth * PackedOperand.PanelWidth;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
    {
        int width = 2 * S.Width, panels = (Keys + width - 1) / width, valuePanels = (ValueDim + width - 1) / width;
        int row = panels * width;
        float* keys = Scratch.Get(Scratch.Slot.PackedPanel, (nint)row * Dim + (nint)valuePanels * width * Keys);
        float* values = keys + (nint)row * Dim;
        for (int panel = 0; panel < panels; panel++)
        {
            PackedMatrix.PackPanel(
                keys + (nint)panel * width * Dim, Key + panel * width * KeyRow, 1, KeyRow, Dim, Math.Min(width, Keys - panel * width));
        }

        for (int panel = 0; panel < valuePanels; panel++)
        {
            PackedMatrix.PackPanel(
                values + (nint)panel * width * Keys, Value + panel * width, ValueRow, 1, Keys, Math.Min(width, ValueDim - panel * width));
        }

        int vectors = (Keys + S.Width - 1) / S.Width, block = GemmTile.TallRows;
        float* scores = Scratch.Get(Scratch.Slot.Scores, block * row + block * width);
        float* tile = scores + block * row;
        float* norms = stackalloc float[block];
        for (int query = 0; query < Queries; query += block)
        {
            int rows = Math.Min(block, Queries - query);
            for (int panel = 0; panel < panels; panel++)
            {
                GemmTile.Strided<S, V>(
                    Query + query * QueryRow, QueryRow, rows, Dim, keys + (nint)panel * width * Dim, scores + panel * width, row);
            }

            for (int r = 0; r < rows; r++)
                norms[r] = Softmax<S, V>(scores + r * row, Bias + (query + r) * BiasRow, vectors);

            for (int panel = 0; panel < valuePanels; panel++)
            {
                GemmTile.Strided<S, V>(scores, row, rows, Keys, values + (nint)panel * width * Keys, tile, width);
                int columns = Math.Min(width, ValueDim - panel * width);
                for (int r = 0; r < rows; r++)
                {
                    float* target = Output + (query + r) * OutputRow + panel * width, source = tile + r * width;
                    V norm = S.Set(norms[r]);
                    int c = 0;
                    for (; c + S.Width <= columns; c += S.Width)
                        S.Store(target + c, S.Multiply(S.Load(source + c), norm));
                    for (; c < columns; c++)
                        target[c] = source[c] * norms[r];
                }
            }
        }
    }

    /// <summary>Replaces scores by the exponentials of the scaled and biased scores; returns 1 / their sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly float Softmax<S, V>(float* x, float* bias, int vectors) where S : struct, ISimd<V> where V : struct
    {
        V scale = S.Set(Scale), largest = S.Set(float.MinValue), sums = default;
        for (int i = 0; i < vectors * S.Width; i += S.Width)
        {
            V v = S.MultiplyAdd(S.Load(x + i), scale, S.Load(bias + i));
            S.Store(x + i, v);
            largest = S.Max(largest, v);
        }

        V max = S.Set(S.MaxLane(largest));
        for (int i = 0; i < vectors * S.Width; i += S.Width)
        {
            V e = VectorMath.Exp2<S, V>(S.Subtract(S.Load(x + i), max));
            S.Store(x + i, e);
            sums = S.Add(sums, e);
        }

        return 1f / S.Sum(sums);
    }
}
