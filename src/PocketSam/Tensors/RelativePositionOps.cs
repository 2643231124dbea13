using PocketSam.Kernels;
using PocketSam.Kernels.Ops;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Tensors;

/// <summary>
/// Attention with decomposed relative positions (segment_anything/modeling/image_encoder.py,
/// Attention). Query, key and value are side by side, <c>[..., 3 * heads * d]</c>; the
/// tables are <c>[2 height - 1, d]</c> and <c>[2 width - 1, d]</c>.
/// </summary>
internal static unsafe class RelativePositionOps
{
    /// <summary>
    /// Attention inside windows <c>[windows, height * width, 3 * heads * d]</c>; result
    /// <c>[windows, height * width, heads * d]</c>.
    /// <para>
    /// The position terms are products with the query as well. Query and key are therefore extended: the query by its
    /// terms for each row and each column of the window, the key by a one at its own row and column.
    /// </para>
    /// </summary>
    public static Tensor RelativeAttention(this Tensor qkv, int heads, Tensor tableH, Tensor tableW, int height, int width)
        => Tape.Run(
            new RelativeAttentionOp(qkv, heads, tableH, tableW, height, width),
            [qkv.Shape[0], height * width, qkv.Channels / 3], qkv, tableH, tableW);

    /// <summary>
    /// Attention inside windows of the tokens <c>[B, H, W, 3 * heads * d]</c> of whole maps, without gradient.
    /// <paramref name="places"/> <c>[windows, height, width]</c> has the index of each token, negative beyond the edge,
    /// and tokens are read in place. Query, key and value beyond the edge are <paramref name="beyond"/>
    /// <c>[3 * heads * d]</c>. Result <c>[B, H, W, heads * d]</c>.
    /// </summary>
    public static Tensor RelativeAttentionInWindows(
        this Tensor qkv, int[] places, Tensor beyond, int heads, Tensor tableH, Tensor tableW, int height, int width)
    {
        int[] shape = [.. qkv.Shape];
        shape[^1] /= 3;
        return Tape.Run(
            new MappedRelativeAttentionOp(qkv, places, beyond, heads, tableH, tableW, height, width), shape, qkv, beyond,
            tableH, tableW);
    }

    /// <summary>P = softmax(q k^T / sqrt(d) + q Rh^T + q Rw^T), y = P v per window and head.</summary>
    private sealed class RelativeAttentionOp(
        Tensor qkv, int heads, Tensor tableH, Tensor tableW, int height, int width) : Op
    {
        private readonly int _windows = qkv.Shape[0], _n = height * width, _inner = qkv.Channels / 3;
        private readonly int _dim = qkv.Channels / 3 / heads, _longDim = qkv.Channels / 3 / heads + height + width;
        private readonly float _scale = 1f / MathF.Sqrt(qkv.Channels / 3 / heads);
        private AttentionKernel _kernel;

        public override string Name => "RelativeAttention";

        public override IReadOnlyDictionary<string, object> Attributes => Describe(heads, height, width);

        public override long MultiplyAdds => (long)_windows * _n * _inner * (2 * _n + height + width);

        private PositionTerms Terms => new(height, width, _dim, tableH.Data, tableW.Data, qkv.Channels, _longDim);

        public override void Forward(Tensor y)
        {
            int windows = _windows, n = _n, inner = _inner, dim = _dim, longDim = _longDim;
            nint item = (nint)n * longDim, row = qkv.Channels;
            float* q = Tape.Temporary(windows * heads * item), k = Tape.Temporary(windows * heads * item);
            PositionTerms terms = Terms;
            float scale = _scale;
            Workers.For(windows * heads, i =>
            {
                float* source = qkv.Data + i / heads * n * row + i % heads * dim;
                float* longQ = q + i * item, longK = k + i * item;
                for (int j = 0; j < n; j++)
                {
                    for (int c = 0; c < dim; c++)
                    {
                        longQ[j * longDim + c] = scale * source[j * row + c];
                        longK[j * longDim + c] = source[j * row + inner + c];
                    }

                    new Span<float>(longK + j * longDim + dim, height + width).Clear();
                    longK[j * longDim + dim + j / width] = longK[j * longDim + dim + height + j % width] = 1f;
                }

                terms.Forward(source, longQ);
            });

            _kernel = new AttentionKernel
            {
                Batch = windows,
                Heads = heads,
                Queries = n,
                Keys = n,
                KeyDim = longDim,
                ValueDim = dim,
                Scale = 1f,
                Q = new(q, heads * item, longDim, item),
                K = new(k, heads * item, longDim, item),
                V = new(qkv.Data + 2 * inner, n * row, row, dim),
                Output = new(y.Data, (nint)n * inner, inner, dim),
                Weights = y.WantsGradient ? Tape.Temporary((nint)windows * heads * n * n) : null,
            };
            _kernel.Forward();
        }

        public override void Backward(Tensor y)
        {
            // The gradient of the values has the layout of qkv, the others that of the extended rows.
            int windows = _windows, n = _n, inner = _inner, dim = _dim, longDim = _longDim;
            nint item = (nint)n * longDim, row = qkv.Channels;
            AttentionKernel backward = _kernel;
            backward.Output.Data = y.Buffer.Gradient!.Data;
            float* dq = Tape.Temporary(windows * heads * item), dk = Tape.Temporary(windows * heads * item);
            float* d = Tape.Temporary(qkv.Count);
            backward.Backward(dq, dk, d + 2 * inner, null);
            int area = (2 * height - 1 + 2 * width - 1) * dim;
            float[] tableSums = new float[heads * area];
            PositionTerms terms = Terms;
            float scale = _scale;
            Workers.For(heads, h =>
            {
                fixed (float* sums = tableSums)
                {
                    for (int w = 0; w < windows; w++)
                    {
                        nint at = w * n * row + h * dim;
                        float* longQ = dq + (w * heads + h) * item, longK = dk + (w * heads + h) * item;
                        for (int j = 0; j < n; j++)
                        {
                            for (int c = 0; c < dim; c++)
                            {
                                d[at + j * row + c] = scale * longQ[j * longDim + c];
                                d[at + j * row + inner + c] = longK[j * longDim + c];
                            }
                        }

                        terms.Backward(qkv.Data + at, longQ, d + at, sums + h * area);
                    }
                }
            });
            float* target = Tape.GradientOf(qkv, out bool accumulate);
            if (target is not null)
                Elementwise.Map<Identity>(d, target, qkv.Count, accumulate);
            AddTable(tableH, 0);
            AddTable(tableW, (2 * height - 1) * dim);

            void AddTable(Tensor table, int from)
            {
                if (!table.WantsGradient)
                    return;
                float* sum = Tape.GradientToAddTo(table);
                for (int h = 0; h < heads; h++)
                {
                    for (int i = 0; i < table.Count; i++)
                        sum[i] += tableSums[h * area + from + i];
                }
            }
        }
    }

    /// <summary>The same formula, with tokens read and written in their map.</summary>
    private sealed class MappedRelativeAttentionOp(
        Tensor qkv, int[] places, Tensor beyond, int heads, Tensor tableH, Tensor tableW, int height, int width) : Op
    {
        public override string Name => "RelativeAttentionInWindows";

        public override IReadOnlyDictionary<string, object> Attributes => Describe(heads, height, width);

        /// <summary>
        /// Each token is multiplied with every place of its window, and with a term for each row and each column.
        /// </summary>
        public override long MultiplyAdds => (long)qkv.Rows * (qkv.Channels / 3) * (2 * height * width + height + width);

        public override string? NoGradient => "fused attention has no gradient";

        public override void Forward(Tensor y)
        {
            fixed (int* tokens = places)
            {
                var kernel = new RelativeAttentionKernel
                {
                    Windows = places.Length / (height * width),
                    Height = height,
                    Width = width,
                    Heads = heads,
                    Dim = qkv.Channels / 3 / heads,
                    Tokens = tokens,
                    Qkv = qkv.Data,
                    Beyond = beyond.Data,
                    TableH = tableH.Data,
                    TableW = tableW.Data,
                    Output = y.Data,
                };
                kernel.Memory = Tape.Temporary(kernel.MemoryCount);
                kernel.Forward();
            }
        }
    }

    private static Dictionary<string, object> Describe(int heads, int height, int width)
        => new() { ["heads"] = heads, ["height"] = height, ["width"] = width };

    /// <summary>
    /// The position terms of one window and head: element dim + ky of an extended query is q TableH[qy - ky + height -
    /// 1], element dim + height + kx is q TableW[qx - kx + width - 1]. Queries in a row of the window share a part of
    /// TableH, those in a column a part of TableW.
    /// </summary>
    private readonly struct PositionTerms(
        int height, int width, int dim, float* tableH, float* tableW, nint row, int longDim)
    {
        public void Forward(float* q, float* longQ)
        {
            for (int y = 0; y < height; y++)
            {
                new Gemm(
                    q + y * width * row, row, 1, tableH + (y + height - 1) * dim, 1, -dim,
                    longQ + y * width * longDim + dim, longDim, width, height, dim).RunHere();
            }

            for (int x = 0; x < width; x++)
            {
                new Gemm(
                    q + x * row, width * row, 1, tableW + (x + width - 1) * dim, 1, -dim,
                    longQ + x * longDim + dim + height, width * longDim, height, width, dim).RunHere();
            }
        }

        /// <summary>Adds to the query's gradient and to those of the two tables, which are contiguous.</summary>
        public void Backward(float* q, float* dLongQ, float* dq, float* dTables)
        {
            float* dTableW = dTables + (2 * height - 1) * dim;
            for (int y = 0; y < height; y++)
            {
                float* terms = dLongQ + y * width * longDim + dim;
                Add(
                    terms, longDim, q + y * width * row, row, dq + y * width * row,
                    tableH + (y + height - 1) * dim, dTables + (y + height - 1) * dim, width, height);
            }

            for (int x = 0; x < width; x++)
            {
                float* terms = dLongQ + x * longDim + dim + height;
                Add(
                    terms, width * longDim, q + x * row, width * row, dq + x * row,
                    tableW + (x + width - 1) * dim, dTableW + (x + width - 1) * dim, height, width);
            }
        }

        private void Add(
            float* terms, nint termsRow, float* q, nint qRow, float* dq, float* table, float* dTable, int queries, int keys)
        {
            new Gemm(terms, termsRow, 1, table, -dim, 1, dq, qRow, queries, dim, keys) { Accumulate = true }.RunHere();
            new Gemm(terms, 1, termsRow, q, qRow, 1, dTable, -dim, keys, dim, queries) { Accumulate = true }.RunHere();
        }
    }
}
