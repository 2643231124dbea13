using System.Runtime.CompilerServices;

namespace PocketSam.Kernels;

/// <summary>
/// softmax(scale q k^T + bias) v of one head whose keys and values fit into the cache: they are packed once, then six
/// queries at a time go through scores, softmax and sum without leaving it.
/// </summary>
internal unsafe struct AttentionHead
{
    public int Queries, Keys, Dim, ValueDim;
    public float Scale;

    /// <summary>First rows and distances between rows.</summary>
    public float* Query, Key, Value, Output;

    public nint QueryRow, KeyRow, ValueRow, OutputRow;

    /// <summary><c>[Queries, BiasRow]</c>: a bias for each pair, then <see cref="Excluded"/> up to a whole vector.</summary>
    public float* Bias;

    public nint BiasRow;

    /// <summary>The bias of a key that is not there.</summary>
    public const float Excluded = -1e30f;

    /// <summary>Distance between the rows of a bias for that many keys.</summary>
    public static int BiasRowOf(int keys) => (keys + PackedMatrix.PanelWidth - 1) / PackedMatrix.PanelWidth * PackedMatrix.PanelWidth;

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

        int vectors = (Keys + S.Width - 1) / S.Width;
        float* scores = Scratch.Get(Scratch.Slot.Scores, GemmTile.Rows * row + GemmTile.Rows * width);
        float* tile = scores + GemmTile.Rows * row;
        float* norms = stackalloc float[GemmTile.Rows];
        GemmTile.Operands o = default;
        for (int query = 0; query < Queries; query += GemmTile.Rows)
        {
            int rows = Math.Min(GemmTile.Rows, Queries - query);
            float* q = Query + query * QueryRow;
            o.Step = 1;
            o.K = Dim;
            o.A0 = q;
            o.A1 = rows > 1 ? q + QueryRow : q;
            o.A2 = rows > 2 ? q + 2 * QueryRow : q;
            o.A3 = rows > 3 ? q + 3 * QueryRow : q;
            o.A4 = rows > 4 ? q + 4 * QueryRow : q;
            o.A5 = rows > 5 ? q + 5 * QueryRow : q;
            for (int panel = 0; panel < panels; panel++)
            {
                o.B = keys + (nint)panel * width * Dim;
                if (Keys - panel * width > S.Width)
                    GemmTile.Two<S, V>(o, scores + panel * width, row, false);
                else
                    GemmTile.One<S, V>(o, scores + panel * width, row, false);
            }

            for (int r = 0; r < rows; r++)
                norms[r] = Softmax<S, V>(scores + r * row, Bias + (query + r) * BiasRow, vectors);

            o.K = Keys;
            o.A0 = scores;
            o.A1 = scores + row;
            o.A2 = scores + 2 * row;
            o.A3 = scores + 3 * row;
            o.A4 = scores + 4 * row;
            o.A5 = scores + 5 * row;
            for (int panel = 0; panel < valuePanels; panel++)
            {
                o.B = values + (nint)panel * width * Keys;
                GemmTile.Two<S, V>(o, tile, width, false);
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

    /// <summary>Exponentials of scaled and biased scores in place of them; returns 1 / their sum.</summary>
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
            V e = VectorMath.Exp<S, V>(S.Subtract(S.Load(x + i), max));
            S.Store(x + i, e);
            sums = S.Add(sums, e);
        }

        return 1f / S.Sum(sums);
    }
}
