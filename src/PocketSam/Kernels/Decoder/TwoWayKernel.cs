using System.Runtime.CompilerServices;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Decoder;

/// <summary>
/// One pass of the two-way transformer over a part of one prompt's image rows: the rows attend to the tokens of a layer
/// and are normalised, then the tokens of the next layer attend to the updated rows. Both happen tile by tile, so a row
/// is read and written once.
/// <para>
/// Image rows are the columns of panels, <c>[panels, channels, two vectors]</c>. Tokens are <em>folded</em>: the
/// projection of the image rows is multiplied into them, so that a score is a product with the row itself,
/// <c>(W^T q) . (x + position)</c>. Rows that are the same for all prompts are <em>projected</em> once instead.
/// </para>
/// </summary>
internal unsafe struct TwoWayKernel : ISimdKernel
{
    /// <summary>Image rows whose scores are weighted together: sums are read and written once for each tile.</summary>
    private const int TileRows = 128;

    /// <summary>Channels that are updated between two prefetches.</summary>
    private const int BlockChannels = 8;

    /// <summary>
    /// Channels of a row, width of a projection (all heads), number
    /// of heads, of tokens in the prompt and of image rows.
    /// </summary>
    public int Channels, Inner, Heads, Tokens, ImageRows;

    /// <summary>1 / sqrt of the width of a head.</summary>
    public float Scale;

    /// <summary>Range of panels.</summary>
    public int Start, End;

    /// <summary>Input rows, their positions, and output rows; if the last is null, the rows stay as they are.</summary>
    public float* Source, Positions, Target;

    /// <summary>Attention of the image to the tokens.</summary>
    public ImageSide Image;

    /// <summary>Attention of the tokens to the image.</summary>
    public TokenSide Token;

    private readonly int HeadTokens => Heads * Tokens;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<S, V>() where S : struct, ISimd<V> where V : struct
    {
        int width = 2 * S.Width, tile = Math.Max(1, TileRows / width), columns = Token.Sums.Columns;
        float* placed = Scratch.Get(
            Scratch.Slot.Tile, (nint)width * (Channels + HeadTokens) + (nint)tile * width * columns);
        float* scores = placed + (nint)width * Channels, weights = scores + (nint)width * HeadTokens;
        for (int panel = Start; panel < End; panel += tile)
        {
            int panels = Math.Min(tile, End - panel), rows = Math.Min(panels * width, ImageRows - panel * width);
            for (int i = 0; i < panels; i++)
            {
                if (Target is not null)
                    UpdateRows<S, V>(panel + i, placed, scores);
                else if (Token.Keys is null)
                {
                    PanelLoops.Add<S, V>(
                        At(Source, panel + i, Channels), At(Positions, panel + i, Channels), placed, Channels);
                }

                Scores<S, V>(Token.Queries, Token.QueryStride, Token.Keys, panel + i, placed, scores);
                Turn(scores, weights + (nint)i * width * width, panels * width);
            }

            Gather<S, V>(panel, panels, rows, weights);
        }
    }

    /// <summary>
    /// x = norm(x + attention(x + position)); leaves the updated x + position in <paramref name="placed"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void UpdateRows<S, V>(int panel, float* placed, float* scores)
        where S : struct, ISimd<V> where V : struct
    {
        float* source = At(Source, panel, Channels), target = At(Target, panel, Channels);
        float* positions = At(Positions, panel, Channels);
        if (Image.Queries is null)
            PanelLoops.Add<S, V>(source, positions, placed, Channels);
        Scores<S, V>(Image.Keys, Image.KeyStride, Image.Queries, panel, placed, scores);
        PanelLoops.Softmax<S, V>(scores, Heads, Tokens, Scale, Image.Offsets);
        int width = 2 * S.Width;
        for (int row = 0; row < Channels; row += BlockChannels)
        {
            // Prefetch the start of the next panel during this product.
            int rows = Math.Min(BlockChannels, Channels - row);
            if (panel + 1 < End)
            {
                PanelLoops.Fetch(source + (nint)(Channels + row) * width, rows * width);
                PanelLoops.Fetch(positions + (nint)(Channels + row) * width, rows * width);
                if (Image.Queries is not null && row < Inner)
                    PanelLoops.Fetch(At(Image.Queries, panel + 1, Inner) + (nint)row * width, rows * width);
            }

            new PanelProduct(
                Image.Values + (nint)row * HeadTokens, HeadTokens, scores, target + (nint)row * width, rows, HeadTokens)
            {
                Initial = source + (nint)row * width,
                Bias = Image.OutputBias + row,
            }.Run<S, V>();
        }

        PanelLoops.Normalize<S, V, Identity>(
            target, Channels, Image.NormGain, Image.NormBias, Image.Epsilon, positions, placed);
    }

    /// <summary>
    /// scores[head and token, row]: products of folded tokens with the rows plus positions, or head by head with
    /// projected rows.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Scores<S, V>(
        float* tokens, nint stride, float* projected, int panel, float* placed, float* scores)
        where S : struct, ISimd<V> where V : struct
    {
        if (projected is null)
        {
            new PanelProduct(tokens, stride, placed, scores, HeadTokens, Channels).Run<S, V>();
            return;
        }

        int dim = Inner / Heads;
        float* rows = At(projected, panel, Inner);
        for (int head = 0; head < Heads; head++)
        {
            new PanelProduct(
                tokens + head * dim, stride, rows + (nint)head * dim * 2 * S.Width,
                scores + (nint)head * Tokens * 2 * S.Width, Tokens, dim).Run<S, V>();
        }
    }

    /// <summary>
    /// Transposes scores [column, row of one panel] to [panels of columns, rows of the tile, column].
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Turn(float* scores, float* weights, int rows)
    {
        int width = PackedOperand.PanelWidth;
        for (int column = 0; column < HeadTokens; column += width)
        {
            PackedMatrix.PackPanel(
                weights + (nint)column * rows, scores + (nint)column * width, 1, width, width,
                Math.Min(width, HeadTokens - column));
        }
    }

    /// <summary>Turns scores into weights and adds the weighted values to the sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Gather<S, V>(int panel, int panels, int rows, float* weights)
        where S : struct, ISimd<V> where V : struct
    {
        int width = 2 * S.Width;
        bool first = panel == Start;
        float* values = Token.Values is not null ? At(Token.Values, panel, Inner)
            : At(Target is null ? Source : Target, panel, Channels);
        for (int i = 0; i < Token.Sums.Panels; i++)
        {
            float* w = weights + (nint)i * width * panels * width, sums = Token.Sums.Panel(i);
            (int start, int end) = Token.Sums.Range(i);
            Weigh<S, V>(w, rows, panels * width, i * width, first, sums + (nint)start * width, end - start);
            new PanelProduct(values + start * width, width, w, sums + (nint)start * width, end - start, width)
            {
                Segments = panels,
                SegmentStride = (nint)Token.Sums.Values * width,
                Initial = first ? null : sums + (nint)start * width,
            }.Run<S, V>();
        }
    }

    /// <summary>
    /// One step of the running softmax for a panel of columns: scores become weights, zero for the padding rows of the
    /// last panel. A larger score scales down the earlier sums.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Weigh<S, V>(float* w, int rows, int filled, int column, bool first, float* sums, int values)
        where S : struct, ISimd<V> where V : struct
    {
        int half = S.Width;
        nint end = (nint)rows * 2 * half;
        float* largest = Token.Sums.Largest + column, totals = Token.Sums.Weights + column;
        V scale = S.Set(Scale), none = S.Set(float.MinValue);
        V old0 = first ? none : S.Load(largest), old1 = first ? none : S.Load(largest + half), new0 = old0, new1 = old1;
        for (nint i = 0; i < end; i += 2 * half)
        {
            V s0 = S.Multiply(S.Load(w + i), scale), s1 = S.Multiply(S.Load(w + i + half), scale);
            S.Store(w + i, s0);
            S.Store(w + i + half, s1);
            new0 = S.Max(new0, s0);
            new1 = S.Max(new1, s1);
        }

        V t0 = default, t1 = default;
        for (nint i = 0; i < end; i += 2 * half)
        {
            V e0 = VectorMath.Exp<S, V>(S.Subtract(S.Load(w + i), new0));
            V e1 = VectorMath.Exp<S, V>(S.Subtract(S.Load(w + i + half), new1));
            S.Store(w + i, e0);
            S.Store(w + i + half, e1);
            t0 = S.Add(t0, e0);
            t1 = S.Add(t1, e1);
        }

        new Span<float>(w + end, (filled - rows) * 2 * half).Clear();
        S.Store(largest, new0);
        S.Store(largest + half, new1);
        if (!first)
        {
            V f0 = VectorMath.Exp<S, V>(S.Subtract(old0, new0)), f1 = VectorMath.Exp<S, V>(S.Subtract(old1, new1));
            t0 = S.MultiplyAdd(S.Load(totals), f0, t0);
            t1 = S.MultiplyAdd(S.Load(totals + half), f1, t1);
            if (S.MaxLane(S.Max(S.Subtract(new0, old0), S.Subtract(new1, old1))) > 0)
            {
                nint count = (nint)values * 2 * half;
                for (nint i = 0; i < count; i += 2 * half)
                {
                    S.Store(sums + i, S.Multiply(S.Load(sums + i), f0));
                    S.Store(sums + i + half, S.Multiply(S.Load(sums + i + half), f1));
                }
            }
        }

        S.Store(totals, t0);
        S.Store(totals + half, t1);
    }

    private static float* At(float* panels, int panel, int rows)
        => panels + (nint)panel * rows * PackedOperand.PanelWidth;

    /// <summary>The attention of image rows to the tokens of a layer.</summary>
    public struct ImageSide
    {
        /// <summary>
        /// Keys of the tokens: folded [heads * tokens, channels], or [tokens, inner] with projected queries.
        /// </summary>
        public float* Keys;
        public nint KeyStride;

        /// <summary>Projected queries of the rows, [panels, inner, two vectors], or null.</summary>
        public float* Queries;

        /// <summary>
        /// Added to the score of each head and token: the query's bias times the key; null with projected queries.
        /// </summary>
        public float* Offsets;

        /// <summary>
        /// Values of the tokens with the output projection multiplied in, [channels, heads * tokens].
        /// </summary>
        public float* Values;

        public float* OutputBias, NormGain, NormBias;
        public float Epsilon;
    }

    /// <summary>The attention of the tokens of a layer to image rows.</summary>
    public struct TokenSide
    {
        /// <summary>
        /// Queries of the tokens: folded [heads * tokens, channels], or [tokens, inner] with projected keys.
        /// </summary>
        public float* Queries;
        public nint QueryStride;

        /// <summary>Projected keys and values of the rows, [panels, inner, two vectors], or null.</summary>
        public float* Keys, Values;

        /// <summary>Receives the sums over this part of the rows.</summary>
        public TokenSums Sums;
    }
}
