using PocketSam.Kernels;

namespace PocketSam.Tensors;

/// <summary>Attention of several heads.</summary>
internal static unsafe class AttentionOps
{
    /// <summary>
    /// softmax(q k^T / sqrt(d)) v per head: q <c>[B, Nq, heads d]</c>, k and v <c>[B, Nk, heads d]</c>, result
    /// <c>[B, Nq, heads d]</c> (segment_anything/modeling/transformer.py, Attention).
    /// </summary>
    public static Tensor MultiHead(Tensor q, Tensor k, Tensor v, int heads)
    {
        int batch = q.Shape[0], nq = q.Shape[1], nk = k.Shape[1], dim = q.Channels / heads, valueDim = v.Channels / heads;
        Tensor y = Tape.New([batch, nq, v.Channels], q, k, v);
        var kernel = new AttentionKernel
        {
            Batch = batch,
            Heads = heads,
            Queries = nq,
            Keys = nk,
            KeyDim = dim,
            ValueDim = valueDim,
            Scale = 1f / MathF.Sqrt(dim),
            Q = Heads(q, dim),
            K = Heads(k, dim),
            V = Heads(v, valueDim),
            Output = Heads(y, valueDim),
            Weights = y.WantsGradient ? Tape.Temporary((nint)batch * heads * nq * nk) : null,
        };
        kernel.Forward();
        Tape.Step(y, () =>
        {
            AttentionKernel backward = kernel;
            backward.Output.Data = y.Buffer.Gradient!.Data;
            var (dq, dk, dv) = (new Target(q), new Target(k), new Target(v));
            backward.Backward(dq.Data, dk.Data, dv.Data, null);
            dq.Finish();
            dk.Finish();
            dv.Finish();
        });
        return y;
    }

    /// <summary>
    /// Attention inside windows with TinyViT's layout: qkv <c>[windows, N, heads * 3 d]</c> holds query, key and value
    /// of a head side by side; <paramref name="biasTable"/> <c>[heads, offsets]</c> is looked up by
    /// <paramref name="biasIndex"/> <c>[N, N]</c>. Result <c>[windows, N, heads d]</c>.
    /// </summary>
    public static Tensor Windowed(Tensor qkv, int heads, Tensor biasTable, int[] biasIndex)
    {
        int windows = qkv.Shape[0], n = qkv.Shape[1], dim = qkv.Channels / (3 * heads), offsets = biasTable.Channels;
        int area = n * n;
        Tensor y = Tape.New([windows, n, heads * dim], qkv, biasTable);
        float* bias = Tape.Temporary((nint)heads * area);
        Workers.For(heads, h =>
        {
            float* table = biasTable.Data + h * offsets, spread = bias + h * area;
            for (int i = 0; i < area; i++)
                spread[i] = table[biasIndex[i]];
        });

        nint row = qkv.Channels, head = 3 * dim;
        var kernel = new AttentionKernel
        {
            Batch = windows,
            Heads = heads,
            Queries = n,
            Keys = n,
            KeyDim = dim,
            ValueDim = dim,
            Scale = 1f / MathF.Sqrt(dim),
            Q = new(qkv.Data, n * row, row, head),
            K = new(qkv.Data + dim, n * row, row, head),
            V = new(qkv.Data + 2 * dim, n * row, row, head),
            Output = Heads(y, dim),
            Bias = bias,
            Weights = y.WantsGradient ? Tape.Temporary((nint)windows * heads * area) : null,
        };
        kernel.Forward();
        Tape.Step(y, () =>
        {
            AttentionKernel backward = kernel;
            backward.Output.Data = y.Buffer.Gradient!.Data;
            var d = new Target(qkv);
            float* table = biasTable.WantsGradient ? Tape.GradientToAddTo(biasTable) : null;

            // The biases are not needed any more.
            if (table is not null)
                new Span<float>(bias, heads * area).Clear();
            backward.Backward(d.Data, d.Data + dim, d.Data + 2 * dim, table is null ? null : bias);
            d.Finish();
            Workers.For(table is null ? 0 : heads, h =>
            {
                float* sums = table + h * offsets, spread = bias + h * area;
                for (int i = 0; i < area; i++)
                    sums[biasIndex[i]] += spread[i];
            });
        });
        return y;
    }

    /// <summary>
    /// Attention of all tokens to all: qkv <c>[B, N, 3 heads d]</c> holds the queries of all heads, then the keys, then the
    /// values. Result <c>[B, N, heads d]</c>. Where no gradient is wanted, a few queries at a time go through scores, softmax
    /// and sum, so that no matrix of scores is ever in memory.
    /// </summary>
    public static Tensor SelfAttention(this Tensor qkv, int heads)
    {
        int batch = qkv.Shape[0], n = qkv.Shape[1], inner = qkv.Channels / 3, dim = inner / heads;
        nint row = qkv.Channels, item = n * row;
        Tensor y = Tape.New([batch, n, inner], qkv);
        if (!y.WantsGradient)
        {
            AttendByStretches(qkv, y, heads);
            return y;
        }

        var kernel = new AttentionKernel
        {
            Batch = batch,
            Heads = heads,
            Queries = n,
            Keys = n,
            KeyDim = dim,
            ValueDim = dim,
            Scale = 1f / MathF.Sqrt(dim),
            Q = new(qkv.Data, item, row, dim),
            K = new(qkv.Data + inner, item, row, dim),
            V = new(qkv.Data + 2 * inner, item, row, dim),
            Output = Heads(y, dim),
            Weights = Tape.Temporary((nint)batch * heads * n * n),
        };
        kernel.Forward();
        Tape.Step(y, () =>
        {
            AttentionKernel backward = kernel;
            backward.Output.Data = y.Buffer.Gradient!.Data;
            var d = new Target(qkv);
            backward.Backward(d.Data, d.Data + inner, d.Data + 2 * inner, null);
            d.Finish();
        });
        return y;
    }

    /// <summary>Each head of each item in stretches of queries, fixed in number so that threads change no bit.</summary>
    private static void AttendByStretches(Tensor qkv, Tensor y, int heads)
    {
        const int QueriesAtOnce = 768;
        int batch = qkv.Shape[0], n = qkv.Shape[1], inner = y.Channels, dim = inner / heads;
        int stretches = (n + QueriesAtOnce - 1) / QueriesAtOnce;
        int padded = AttentionHead.BiasRowOf(n);
        float* bias = Tape.Temporary(padded);
        new Span<float>(bias, n).Clear();
        new Span<float>(bias + n, padded - n).Fill(AttentionHead.Excluded);
        nint row = qkv.Channels;
        Workers.For(batch * heads * stretches, part =>
        {
            int item = part / stretches / heads, head = part / stretches % heads, stretch = part % stretches;
            int start = (int)((long)n * stretch / stretches), end = (int)((long)n * (stretch + 1) / stretches);
            float* first = qkv.Data + item * n * row + head * dim;
            Simd.Run(new AttentionHead
            {
                Queries = end - start,
                Keys = n,
                Dim = dim,
                ValueDim = dim,
                Scale = VectorMath.Log2E / MathF.Sqrt(dim),
                Query = first + start * row,
                QueryRow = row,
                Key = first + inner,
                KeyRow = row,
                Value = first + 2 * inner,
                ValueRow = row,
                Output = y.Data + ((nint)item * n + start) * inner + head * dim,
                OutputRow = inner,
                Bias = bias,
                BiasRow = 0,
            });
        });
    }

    private static AttentionKernel.Operand Heads(Tensor t, int dim)
        => new(t.Data, (nint)t.Shape[1] * t.Channels, t.Channels, dim);

    /// <summary>
    /// Where the kernel, which overwrites, may write a gradient: in place for the first contribution, else beside it.
    /// </summary>
    private readonly struct Target
    {
        private readonly Tensor _tensor;
        private readonly float* _gradient;

        public Target(Tensor tensor)
        {
            _tensor = tensor;
            _gradient = Tape.GradientOf(tensor, out bool accumulate);
            Data = accumulate || _gradient is null ? Tape.Temporary(tensor.Count) : _gradient;
        }

        public float* Data { get; }

        public void Finish()
        {
            if (_gradient is not null && Data != _gradient)
                Elementwise.Map<Identity>(Data, _gradient, _tensor.Count, accumulate: true);
        }
    }
}
