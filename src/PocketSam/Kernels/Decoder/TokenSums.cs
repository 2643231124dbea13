using System.Runtime.CompilerServices;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Decoder;

/// <summary>
/// Running softmax sums of tokens over image rows: for each head and token (a column; head-major) the sum of values
/// weighted by e^(score - largest score so far), the sum of the weights, and the largest score. Parts of an image have
/// their own sums, which <see cref="Merge"/> combines.
/// <para>Layout: panels of columns <c>[values, two vectors]</c>, then the largest scores, then the sums of
/// weights.</para>
/// </summary>
internal readonly unsafe struct TokenSums
{
    private readonly float* _data;
    private readonly int _heads, _tokens, _ownValues;

    /// <summary>
    /// Sums of <paramref name="values"/> values: each head sums all
    /// of them or, if <paramref name="perHead"/>, its own equal part.
    /// </summary>
    public TokenSums(float* data, int heads, int tokens, int values, bool perHead)
    {
        _data = data;
        (_heads, _tokens, Values) = (heads, tokens, values);
        _ownValues = perHead ? values / heads : 0;
    }

    /// <summary>Number of values that are summed.</summary>
    public int Values { get; }

    /// <summary>Number of columns, padded to whole panels.</summary>
    public int Columns => Panels * PackedOperand.PanelWidth;

    /// <summary>Number of panels of columns.</summary>
    public int Panels => PanelsFor(_heads * _tokens);

    /// <summary>Largest score of each column.</summary>
    public float* Largest => _data + (nint)Columns * Values;

    /// <summary>Sum of the weights of each column.</summary>
    public float* Weights => Largest + Columns;

    /// <summary>Floats of memory for such sums.</summary>
    public static nint Size(int heads, int tokens, int values)
        => (nint)PanelsFor(heads * tokens) * PackedOperand.PanelWidth * (values + 2);

    /// <summary>The sums of a panel of columns.</summary>
    public float* Panel(int panel) => _data + (nint)panel * PackedOperand.PanelWidth * Values;

    /// <summary>The range of values that the columns of a panel sum: those of their heads, or all.</summary>
    public (int First, int End) Range(int panel)
    {
        if (_ownValues == 0)
            return (0, Values);
        int width = PackedOperand.PanelWidth, last = Math.Min((panel + 1) * width, _heads * _tokens) - 1;
        return (panel * width / _tokens * _ownValues, (last / _tokens + 1) * _ownValues);
    }

    /// <summary>
    /// Combines <paramref name="parts"/> sums that are <paramref name="stride"/> floats apart, in order:
    /// <paramref name="target"/>[value, column] = their weighted mean.
    /// </summary>
    public void Merge(int parts, nint stride, float* target)
        => Simd.Run(new Merging { Sums = this, Parts = parts, Stride = stride, Target = target });

    private static int PanelsFor(int columns) => (columns + PackedOperand.PanelWidth - 1) / PackedOperand.PanelWidth;

    private struct Merging : ISimdKernel
    {
        public TokenSums Sums;
        public int Parts;
        public nint Stride;
        public float* Target;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            int columns = Sums.Columns;
            float* shares = Scratch.Get(Scratch.Slot.Scores, (nint)Parts * S.Width);
            for (int column = 0; column < columns; column += S.Width)
            {
                V largest = S.Load(Sums.Largest + column), total = default;
                for (int part = 1; part < Parts; part++)
                    largest = S.Max(largest, S.Load(Sums.Largest + part * Stride + column));
                for (int part = 0; part < Parts; part++)
                {
                    V share = VectorMath.Exp<S, V>(S.Subtract(S.Load(Sums.Largest + part * Stride + column), largest));
                    total = S.MultiplyAdd(share, S.Load(Sums.Weights + part * Stride + column), total);
                    S.Store(shares + part * S.Width, share);
                }

                V scale = S.Divide(S.Set(1f), total);
                int panel = column / (2 * S.Width);
                (int value, int end) = Sums.Range(panel);
                float* source = Sums.Panel(panel) + column % (2 * S.Width);
                for (; value < end; value++)
                {
                    V sum = default;
                    for (int part = 0; part < Parts; part++)
                    {
                        V share = S.Load(shares + part * S.Width);
                        sum = S.MultiplyAdd(share, S.Load(source + part * Stride + (nint)value * 2 * S.Width), sum);
                    }

                    S.Store(Target + (nint)value * columns + column, S.Multiply(sum, scale));
                }
            }
        }
    }
}
