using PocketSam.Kernels;
using PocketSam.Kernels.Ops;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Tensors;

/// <summary>Multi-head attention.</summary>
internal static unsafe class AttentionOps
{
    /// <summary>
    /// softmax(q k^T / sqrt(d)) v per head: q <c>[B, Nq, heads * d]</c>, k <c>[B, Nk, heads * d]</c>, v
    /// <c>[B, Nk, heads * dv]</c>, result <c>[B, Nq, heads * dv]</c> (segment_anything/modeling/transformer.py,
    /// Attention).
    /// </summary>
    public static Tensor MultiHead(Tensor q, Tensor k, Tensor v, int heads)
        => Tape.Run(new MultiHeadOp(q, k, v, heads), [q.Shape[0], q.Shape[1], v.Channels], q, k, v);

    /// <summary>
    /// Attention inside windows in TinyViT's layout: qkv <c>[windows, N, heads * 3 d]</c> holds query, key and value of
    /// a head side by side. The bias is <paramref name="biasTable"/> <c>[heads, offsets]</c> at
    /// <paramref name="biasIndex"/> <c>[N, N]</c>. Result <c>[windows, N, heads * d]</c>.
    /// </summary>
    public static Tensor Windowed(Tensor qkv, int heads, Tensor biasTable, int[] biasIndex)
        => Tape.Run(
            new WindowedOp(qkv, heads, biasTable, biasIndex), [qkv.Shape[0], qkv.Shape[1], qkv.Channels / 3], qkv, biasTable);

    /// <summary>
    /// Attention of all tokens to all: qkv <c>[B, N, 3 * heads * d]</c> holds the queries of all heads, then the keys,
    /// then the values. Result <c>[B, N, heads * d]</c>. Without gradient a few queries at a time go through scores,
    /// softmax and weighted sum, so the matrix of scores never exists.
    /// </summary>
    public static Tensor SelfAttention(this Tensor qkv, int heads)
        => Tape.Run(new SelfAttentionOp(qkv, heads, isCausal: false), [qkv.Shape[0], qkv.Shape[1], qkv.Channels / 3], qkv);

    /// <summary>
    /// <see cref="SelfAttention"/> in which a token attends to itself and to the tokens before it; without gradient.
    /// </summary>
    public static Tensor CausalSelfAttention(this Tensor qkv, int heads)
        => Tape.Run(new SelfAttentionOp(qkv, heads, isCausal: true), [qkv.Shape[0], qkv.Shape[1], qkv.Channels / 3], qkv);

    /// <summary>
    /// P = softmax(q k^T / sqrt(d)), y = P v per head; <see cref="AttentionKernel.Backward"/> has the gradients.
    /// </summary>
    private sealed class MultiHeadOp(Tensor q, Tensor k, Tensor v, int heads) : Op
    {
        private AttentionKernel _kernel;

        public override string Name => "Attention";

        public override IReadOnlyDictionary<string, object> Attributes
            => new Dictionary<string, object> { ["heads"] = heads };

        public override long MultiplyAdds => (long)q.Rows * k.Shape[1] * (q.Channels + v.Channels);

        public override void Forward(Tensor y)
        {
            int batch = q.Shape[0], nq = q.Shape[1], nk = k.Shape[1], dim = q.Channels / heads, valueDim = v.Channels / heads;
            _kernel = new AttentionKernel
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
            _kernel.Forward();
        }

        public override void Backward(Tensor y)
        {
            AttentionKernel backward = _kernel;
            backward.Output.Data = y.Buffer.Gradient!.Data;
            var (dq, dk, dv) = (new Target(q), new Target(k), new Target(v));
            backward.Backward(dq.Data, dk.Data, dv.Data, null);
            dq.Finish();
            dk.Finish();
            dv.Finish();
        }
    }

    /// <summary>
    /// P = softmax(q k^T / sqrt(d) + b), y = P v per window and head; db is the sum over the windows.
    /// </summary>
    private sealed class WindowedOp(Tensor qkv, int heads, Tensor biasTable, int[] biasIndex) : Op
    {
        private readonly int _windows = qkv.Shape[0], _n = qkv.Shape[1], _dim = qkv.Channels / (3 * heads);
        private AttentionKernel _kernel;
        private float* _bias;

        public override string Name => "WindowAttention";

        public override IReadOnlyDictionary<string, object> Attributes
            => new Dictionary<string, object> { ["heads"] = heads, ["biasIndex"] = biasIndex };

        public override long MultiplyAdds => 2L * _windows * heads * _n * _n * _dim;

        public override void Forward(Tensor y)
        {
            int n = _n, dim = _dim, area = n * n, offsets = biasTable.Channels;
            float* bias = _bias = Tape.Temporary((nint)heads * area);
            Workers.For(heads, h =>
            {
                float* table = biasTable.Data + h * offsets, spread = bias + h * area;
                for (int i = 0; i < area; i++)
                    spread[i] = table[biasIndex[i]];
            });

            nint row = qkv.Channels, head = 3 * dim;
            _kernel = new AttentionKernel
            {
                Batch = _windows,
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
                Weights = y.WantsGradient ? Tape.Temporary((nint)_windows * heads * area) : null,
            };
            _kernel.Forward();
        }

        public override void Backward(Tensor y)
        {
            AttentionKernel backward = _kernel;
            backward.Output.Data = y.Buffer.Gradient!.Data;
            int area = _n * _n, offsets = biasTable.Channels;
            var d = new Target(qkv);
            float* table = biasTable.WantsGradient ? Tape.GradientToAddTo(biasTable) : null, bias = _bias;

            // The biases are read in the forward pass only; their memory takes the gradient.
            if (table is not null)
                new Span<float>(bias, heads * area).Clear();
            backward.Backward(d.Data, d.Data + _dim, d.Data + 2 * _dim, table is null ? null : bias);
            d.Finish();
            Workers.For(table is null ? 0 : heads, h =>
            {
                float* sums = table + h * offsets, spread = bias + h * area;
                for (int i = 0; i < area; i++)
                    sums[biasIndex[i]] += spread[i];
            });
        }
    }

    /// <summary>P = softmax(q k^T / sqrt(d)), y = P v per head, with each token a query, a key and a value.</summary>
    private sealed class SelfAttentionOp(Tensor qkv, int heads, bool isCausal) : Op
    {
        /// <summary>Queries in a part; fixed, so that the number of threads changes no bit.</summary>
        private const int QueriesAtOnce = 768;

        private readonly int _batch = qkv.Shape[0], _n = qkv.Shape[1], _inner = qkv.Channels / 3;
        private AttentionKernel _kernel;

        public override string Name => isCausal ? "CausalSelfAttention" : "SelfAttention";

        public override IReadOnlyDictionary<string, object> Attributes
            => new Dictionary<string, object> { ["heads"] = heads };

        public override string? NoGradient => isCausal ? "causal attention has no gradient" : null;

        public override long MultiplyAdds => 2L * _batch * _n * _n * _inner;

        public override void Forward(Tensor y)
        {
            if (!y.WantsGradient)
            {
                ForwardByStretches(y);
                return;
            }

            int dim = _inner / heads;
            nint row = qkv.Channels, item = _n * row;
            _kernel = new AttentionKernel
            {
                Batch = _batch,
                Heads = heads,
                Queries = _n,
                Keys = _n,
                KeyDim = dim,
                ValueDim = dim,
                Scale = 1f / MathF.Sqrt(dim),
                Q = new(qkv.Data, item, row, dim),
                K = new(qkv.Data + _inner, item, row, dim),
                V = new(qkv.Data + 2 * _inner, item, row, dim),
                Output = Heads(y, dim),
                Weights = Tape.Temporary((nint)_batch * heads * _n * _n),
            };
            _kernel.Forward();
        }

        public override void Backward(Tensor y)
        {
            AttentionKernel backward = _kernel;
            backward.Output.Data = y.Buffer.Gradient!.Data;
            var d = new Target(qkv);
            backward.Backward(d.Data, d.Data + _inner, d.Data + 2 * _inner, null);
            d.Finish();
        }

        private void ForwardByStretches(Tensor y)
        {
            int n = _n, inner = _inner, dim = inner / heads, stretches = (n + QueriesAtOnce - 1) / QueriesAtOnce;
            int padded = AttentionHead.BiasRowOf(n), biasRows = isCausal ? n : 1;
            float* bias = Tape.Temporary((nint)biasRows * padded);
            for (int query = 0; query < biasRows; query++)
            {
                var biasRow = new Span<float>(bias + (nint)query * padded, padded);
                int keys = isCausal ? query + 1 : n;
                biasRow[..keys].Clear();
                biasRow[keys..].Fill(AttentionHead.Excluded);
            }

            nint row = qkv.Channels;
            Workers.For(_batch * heads * stretches, part =>
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
                    Bias = isCausal ? bias + (nint)start * padded : bias,
                    BiasRow = isCausal ? padded : 0,
                });
            });
        }
    }

    private static AttentionKernel.Operand Heads(Tensor t, int dim)
        => new(t.Data, (nint)t.Shape[1] * t.Channels, t.Channels, dim);

    /// <summary>
    /// Where the kernel, which overwrites, writes a gradient: in place for the first contribution, otherwise to
    /// temporary memory that <see cref="Finish"/> adds.
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
