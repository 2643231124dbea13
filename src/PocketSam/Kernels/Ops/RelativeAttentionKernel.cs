using System.Runtime.CompilerServices;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Ops;

/// <summary>
/// Attention with decomposed relative positions inside windows of a map of tokens, without gradient: softmax over k of
/// (q k / sqrt(d) + q TableH[qy - ky] + q TableW[qx - kx]), times v (segment_anything/modeling/image_encoder.py,
/// Attention and add_decomposed_rel_pos). A window of the size of the map is global attention.
/// <para>
/// The scores of a block of queries against a tile of keys stay in the second-level cache. A running maximum and a
/// running sum join the tiles, so the matrix of all scores never exists. The two position terms of a block are one
/// product with both tables; each query reads its part of it at an offset. Rows of keys are padded to whole vectors
/// with keys that no query sees.
/// </para>
/// </summary>
internal unsafe struct RelativeAttentionKernel
{
    /// <summary>
    /// Queries in a block, a multiple of the rows of a tile: their scores against a tile of keys take 200 KiB. One
    /// window of 14 x 14 fits.
    /// </summary>
    private const int BlockQueries = 33 * GemmTile.Rows;

    /// <summary>Most keys in a tile, unless a single row of the map is longer.</summary>
    private const int TileKeys = 256;

    /// <summary>Number of windows of all pictures, and their size in tokens.</summary>
    public int Windows, Height, Width;

    public int Heads;

    /// <summary>Width of a head.</summary>
    public int Dim;

    /// <summary>
    /// <c>[Windows, Height, Width]</c>: the index of the token at each place, negative beyond the edge of the map.
    /// </summary>
    public int* Tokens;

    /// <summary>Query, key and value of each token, <c>[tokens, 3, Heads, Dim]</c>.</summary>
    public float* Qkv;

    /// <summary>
    /// <c>[3, Heads, Dim]</c>: query, key and value of places beyond the edge, of which key and value are read.
    /// </summary>
    public float* Beyond;

    /// <summary><c>[2 Height - 1, Dim]</c>, row qy - ky + Height - 1; <c>[2 Width - 1, Dim]</c> for columns.</summary>
    public float* TableH, TableW;

    /// <summary><c>[tokens, Heads, Dim]</c></summary>
    public float* Output;

    /// <summary>Work memory of <see cref="MemoryCount"/> floats.</summary>
    public float* Memory;

    private readonly int Panel => PackedOperand.PanelWidth;

    /// <summary>Keys in a row, padded to whole vectors.</summary>
    private readonly int RowKeys => RoundUp(Width, Simd.Width);

    private readonly int TileRows => Math.Clamp(TileKeys / RowKeys, 1, Height);

    private readonly int Tiles => (Height + TileRows - 1) / TileRows;

    private readonly int Blocks => (Height * Width + BlockQueries - 1) / BlockQueries;

    /// <summary>Columns of the product with both tables.</summary>
    private readonly int Offsets => 2 * Height - 1 + 2 * Width - 1;

    private readonly int TableCount => RoundUp(Offsets, Panel) * Dim;

    /// <summary>Floats of a tile's packed keys: panels <c>[Dim, Panel]</c>.</summary>
    private readonly int TileKeyCount => RoundUp(TileRows * RowKeys, Panel) * Dim;

    /// <summary>Floats of a tile's packed keys and values; panels of values are <c>[keys, Panel]</c>.</summary>
    private readonly int TileCount => TileKeyCount + TileRows * RowKeys * RoundUp(Dim, Panel);

    /// <summary>
    /// Floats of <see cref="Memory"/>: the tables and, if blocks share keys and values, those of all heads.
    /// </summary>
    public readonly nint MemoryCount
        => TableCount + (Blocks == 1 ? 0 : (nint)Windows * Heads * Tiles * TileCount);

    /// <summary>Computes the attention of all windows and heads.</summary>
    public readonly void Forward()
    {
        RelativeAttentionKernel a = this;
        a.PackTables();
        int pairs = Windows * Heads, blocks = Blocks;
        nint count = (nint)Tiles * TileCount;
        if (blocks == 1)
        {
            Workers.For(pairs, i =>
            {
                float* packed = Scratch.Get(Scratch.Slot.PackedKeys, count);
                a.PackKeys(i / a.Heads, i % a.Heads, packed);
                Simd.Run(new Part { A = a, Window = i / a.Heads, Head = i % a.Heads, Packed = packed });
            });
            return;
        }

        Workers.For(pairs, i => a.PackKeys(i / a.Heads, i % a.Heads, a.Memory + a.TableCount + i * count));
        Workers.For(pairs * blocks, part =>
        {
            int i = part / blocks;
            Simd.Run(new Part
            {
                A = a,
                Window = i / a.Heads,
                Head = i % a.Heads,
                Block = part % blocks,
                Packed = a.Memory + a.TableCount + i * count,
            });
        });
    }

    private static int RoundUp(int value, int multiple) => (value + multiple - 1) / multiple * multiple;

    /// <summary>
    /// Packs both tables side by side, scaled for a softmax over powers of two and reversed: a query at y reads the
    /// columns from Height - 1 - y on for keys 0, 1, 2 ...
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void PackTables()
    {
        int rows = 2 * Height - 1;
        new Span<float>(Memory, TableCount).Clear();
        for (int column = 0; column < Offsets; column++)
        {
            float* source = column < rows
                ? TableH + (nint)(rows - 1 - column) * Dim
                : TableW + (nint)(Offsets - 1 - column) * Dim;
            PackColumn(Memory, column, source, VectorMath.Log2E);
        }
    }

    /// <summary>Packs keys as columns and values as rows of panels, tile by tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void PackKeys(int window, int head, float* packed)
    {
        int rowKeys = RowKeys, tileRows = TileRows, panel = Panel, inner = Heads * Dim;
        new Span<float>(packed, Tiles * TileCount).Clear();
        int* token = Tokens + (nint)window * Height * Width;
        for (int y = 0; y < Height; y++)
        {
            int tile = y / tileRows, rows = Math.Min(tileRows, Height - tile * tileRows);
            float* keys = packed + (nint)tile * TileCount, values = keys + TileKeyCount;
            for (int x = 0; x < Width; x++, token++)
            {
                int key = y % tileRows * rowKeys + x;
                float* source = (token[0] < 0 ? Beyond : Qkv + token[0] * (nint)(3 * inner)) + inner + head * Dim;
                PackColumn(keys, key, source, 1f);
                for (int c = 0; c < Dim; c += panel)
                {
                    Unsafe.CopyBlockUnaligned(
                        values + (nint)c * rows * rowKeys + key * panel, source + inner + c,
                        (uint)Math.Min(panel, Dim - c) * sizeof(float));
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void PackColumn(float* panels, int column, float* source, float factor)
    {
        int panel = Panel;
        float* target = panels + (nint)(column / panel) * panel * Dim + column % panel;
        for (int c = 0; c < Dim; c++)
            target[c * panel] = factor * source[c];
    }

    /// <summary>One block of queries of one window and head.</summary>
    private struct Part : ISimdKernel
    {
        public RelativeAttentionKernel A;
        public int Window, Head, Block;
        public float* Packed;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<S, V>() where S : struct, ISimd<V> where V : struct
        {
            int* tokens = stackalloc int[BlockQueries];
            int* places = stackalloc int[BlockQueries];
            int count = Collect(tokens, places);
            if (count == 0)
                return;

            int dim = A.Dim, panel = 2 * S.Width, rowKeys = A.RowKeys, tileRows = A.TileRows;
            int offsets = RoundUp(A.Offsets, panel), columns = RoundUp(tileRows * rowKeys, panel);
            int outColumns = RoundUp(dim, panel);
            float* scores = Scratch.Get(
                Scratch.Slot.Scores, BlockQueries * (nint)(columns + offsets + rowKeys + outColumns + dim + 2));
            float* terms = scores + (nint)BlockQueries * columns, across = terms + (nint)BlockQueries * offsets;
            float* output = across + (nint)BlockQueries * rowKeys, maxima = output + (nint)BlockQueries * outColumns;
            float* sums = maxima + BlockQueries, queries = sums + BlockQueries;

            // Rows of qkv are a multiple of 1 KiB apart and share a few cache sets; the queries are copied because they
            // are read often.
            for (int r = 0; r < count; r++)
            {
                float* source = A.Qkv + ((nint)tokens[r] * 3 * A.Heads + Head) * dim;
                Unsafe.CopyBlockUnaligned(queries + (nint)r * dim, source, (uint)dim * sizeof(float));
            }

            Product<S, V>(queries, dim, count, dim, A.Memory, A.Offsets, terms, offsets, accumulate: false);
            for (int r = 0; r < count; r++)
            {
                maxima[r] = float.MinValue;
                sums[r] = 0;
                float* source = terms + (nint)r * offsets + 2 * A.Height - 1 + A.Width - 1 - places[r] % A.Width;
                float* target = across + (nint)r * rowKeys;
                for (int x = 0; x < rowKeys; x++)
                    target[x] = x < A.Width ? source[x] : AttentionHead.Excluded;
            }

            for (int tile = 0; tile < A.Tiles; tile++)
            {
                int first = tile * tileRows, height = Math.Min(tileRows, A.Height - first), keys = height * rowKeys;
                float* packed = Packed + (nint)tile * A.TileCount;
                Product<S, V>(queries, dim, count, dim, packed, keys, scores, columns, accumulate: false);
                for (int r = 0; r < count; r++)
                {
                    float* down = terms + (nint)r * offsets + A.Height - 1 - places[r] / A.Width + first;
                    float correction = Softmax<S, V>(
                        scores + (nint)r * columns, down, across + (nint)r * rowKeys, height, rowKeys, maxima + r, sums + r);
                    if (tile > 0 && correction != 1f)
                    {
                        V c = S.Set(correction);
                        float* o = output + (nint)r * outColumns;
                        for (int i = 0; i < dim; i += S.Width)
                            S.Store(o + i, S.Multiply(S.Load(o + i), c));
                    }
                }

                Product<S, V>(
                    scores, columns, count, keys, packed + A.TileKeyCount, dim, output, outColumns, accumulate: tile > 0);
            }

            for (int r = 0; r < count; r++)
            {
                float* o = output + (nint)r * outColumns, target = A.Output + ((nint)tokens[r] * A.Heads + Head) * dim;
                float norm = 1f / sums[r];
                V n = S.Set(norm);
                int i = 0;
                for (; i + S.Width <= dim; i += S.Width)
                    S.Store(target + i, S.Multiply(S.Load(o + i), n));
                for (; i < dim; i++)
                    target[i] = o[i] * norm;
            }
        }

        /// <summary>Collects the places of the block that have a token; returns their number.</summary>
        private readonly int Collect(int* tokens, int* places)
        {
            int area = A.Height * A.Width, end = Math.Min(area, (Block + 1) * BlockQueries), count = 0;
            int* index = A.Tokens + (nint)Window * area;
            for (int place = Block * BlockQueries; place < end; place++)
            {
                if (index[place] < 0)
                    continue;
                tokens[count] = index[place];
                places[count++] = place;
            }

            return count;
        }

        /// <summary>
        /// Turns the products of a query with the keys of a tile into 2^(score - maximum), with the maximum over all
        /// tiles so far. Returns the factor that rescales the earlier sums.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly float Softmax<S, V>(
            float* x, float* down, float* across, int height, int rowKeys, float* maximum, float* sum)
            where S : struct, ISimd<V> where V : struct
        {
            V scale = S.Set(VectorMath.Log2E / MathF.Sqrt(A.Dim)), largest = S.Set(*maximum);
            float* p = x;
            for (int y = 0; y < height; y++)
            {
                V d = S.Set(down[y]);
                for (int i = 0; i < rowKeys; i += S.Width, p += S.Width)
                {
                    V v = S.MultiplyAdd(S.Load(p), scale, S.Add(S.Load(across + i), d));
                    S.Store(p, v);
                    largest = S.Max(largest, v);
                }
            }

            float max = S.MaxLane(largest), correction = max > *maximum ? float.Exp2(*maximum - max) : 1f;
            V m = S.Set(max), total = default;
            for (float* q = x; q < p; q += S.Width)
            {
                V e = VectorMath.Exp2<S, V>(S.Subtract(S.Load(q), m));
                S.Store(q, e);
                total = S.Add(total, e);
            }

            *maximum = max;
            *sum = *sum * correction + S.Sum(total);
            return correction;
        }

        /// <summary>
        /// C = (or +=) A B: rows of A are <paramref name="stride"/> apart, B is packed in panels of
        /// <paramref name="k"/> rows. C has room for whole tiles and whole panels.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Product<S, V>(
            float* left, nint stride, int count, int k, float* panels, int columns, float* c, int ldc, bool accumulate)
            where S : struct, ISimd<V> where V : struct
        {
            GemmTile.Operands o = default;
            o.K = k;
            o.Step = 1;
            for (int column = 0; column < columns; column += 2 * S.Width, panels += (nint)k * 2 * S.Width, c += 2 * S.Width)
            {
                bool half = columns - column <= S.Width;
                int row = 0;
                for (; GemmTile.HasTall && !half && row + GemmTile.TallRows <= count; row += GemmTile.TallRows)
                    GemmTile.Tall<S, V>(left + row * stride, stride, 1, k, panels, c + (nint)row * ldc, ldc, accumulate);
                o.B = panels;
                for (; row < count; row += GemmTile.Rows)
                {
                    // A tile that crosses the last row repeats its first row, into the spare room of C.
                    int rows = count - row;
                    o.A0 = left + row * stride;
                    o.A1 = rows > 1 ? o.A0 + stride : o.A0;
                    o.A2 = rows > 2 ? o.A0 + 2 * stride : o.A0;
                    o.A3 = rows > 3 ? o.A0 + 3 * stride : o.A0;
                    o.A4 = rows > 4 ? o.A0 + 4 * stride : o.A0;
                    o.A5 = rows > 5 ? o.A0 + 5 * stride : o.A0;
                    if (half)
                        GemmTile.One<S, V>(o, c + (nint)row * ldc, ldc, accumulate);
                    else
                        GemmTile.Two<S, V>(o, c + (nint)row * ldc, ldc, accumulate);
                }
            }
        }
    }
}
