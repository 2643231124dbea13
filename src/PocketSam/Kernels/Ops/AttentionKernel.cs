using System.Buffers;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Kernels.Ops;

/// <summary>
/// softmax(scale Q K^T + bias) V for a batch of sequences and several heads. Element (b, n, h, d) of an operand is at
/// <c>b * Batch + n * Row + h * Head + d</c>, so projections that hold all heads, or queries, keys and values side by
/// side, are read in place. Used for windows (with a bias <c>[heads, Nq, Nk]</c>) and for the decoder.
/// </summary>
internal unsafe struct AttentionKernel
{
    public int Batch, Heads, Queries, Keys;

    /// <summary>Width of a query and a key.</summary>
    public int KeyDim;

    /// <summary>Width of a value.</summary>
    public int ValueDim;

    public float Scale;

    public Operand Q, K, V, Output;

    /// <summary><c>[Heads, Queries, Keys]</c> or null.</summary>
    public float* Bias;

    /// <summary>
    /// Receives the attention weights <c>[Batch, Heads, Queries, Keys]</c>, which the gradient needs; may be null.
    /// </summary>
    public float* Weights;

    /// <summary>Computes the attention of all heads.</summary>
    public readonly void Forward()
    {
        AttentionKernel a = this;
        Workers.ForRange(Batch * Heads, a.Grain, (start, end) =>
        {
            for (int i = start; i < end; i++)
                a.ForwardHead(i / a.Heads, i % a.Heads);
        });
    }

    /// <summary>
    /// Computes the gradients of Q, K and V from that of the output, which <see cref="Output"/> holds here. dQ, dK and
    /// dV have the layouts of Q, K and V and are overwritten; the gradient of the bias is added to
    /// <paramref name="dBias"/> (null without a bias).
    /// </summary>
    public readonly void Backward(float* dq, float* dk, float* dv, float* dBias)
    {
        AttentionKernel a = this;
        int area = Queries * Keys;

        // A part is a stretch of the batch for one head, with its own sum of that head's bias gradient.
        int stretches = Math.Clamp(Batch / a.Grain, 1, Math.Min(Batch, 8)), parts = Heads * stretches;
        float[] memory = dBias is null ? [] : ArrayPool<float>.Shared.Rent(parts * area);
        fixed (float* pinned = memory)
        {
            float* sums = pinned;
            Workers.For(parts, part =>
            {
                int head = part / stretches, stretch = part % stretches;
                float* own = dBias is null ? null : sums + (nint)part * area;
                if (own is not null)
                    new Span<float>(own, area).Clear();
                int end = (int)((long)a.Batch * (stretch + 1) / stretches);
                for (int b = (int)((long)a.Batch * stretch / stretches); b < end; b++)
                    a.BackwardHead(b, head, dq, dk, dv, own);
            });
            if (dBias is not null)
            {
                Workers.For(Heads, head => Simd.Run(new AddRows
                {
                    X = sums + (nint)head * stretches * area, Stride = area, Rows = stretches, Count = area,
                    Target = dBias + (nint)head * area,
                }));
            }
        }

        if (memory.Length > 0)
            ArrayPool<float>.Shared.Return(memory);
    }

    /// <summary>Heads that make about 250,000 multiply-adds.</summary>
    private readonly int Grain => (int)Math.Max(1, 250_000 / Math.Max(1, (long)Queries * Keys * (KeyDim + ValueDim)));

    private readonly void ForwardHead(int b, int h)
    {
        nint area = (nint)Queries * Keys;
        float* p = Weights is null
            ? Scratch.Get(Scratch.Slot.Scores, area)
            : Weights + ((nint)b * Heads + h) * area;
        float* q = Q.At(b, h), k = K.At(b, h), v = V.At(b, h), o = Output.At(b, h);
        new Gemm(q, Q.Row, 1, k, 1, K.Row, p, Keys, Queries, Keys, KeyDim).RunHere();
        SoftmaxLoops.Forward(p, Queries, Keys, Scale, Bias is null ? null : Bias + h * area);
        new Gemm(p, Keys, 1, v, V.Row, 1, o, Output.Row, Queries, ValueDim, Keys).RunHere();
    }

    private readonly void BackwardHead(int b, int h, float* dq, float* dk, float* dv, float* dBias)
    {
        nint area = (nint)Queries * Keys;
        float* p = Weights + ((nint)b * Heads + h) * area;
        float* ds = Scratch.Get(Scratch.Slot.ScoresGradient, area);
        float* q = Q.At(b, h), k = K.At(b, h), v = V.At(b, h), dOutput = Output.At(b, h);
        nint qo = b * Q.Batch + h * Q.Head, ko = b * K.Batch + h * K.Head, vo = b * V.Batch + h * V.Head;

        // dV = P^T dO;  dP = dO V^T;  dS = softmax'(dP);  dQ = scale dS K;  dK = scale dS^T Q
        new TransposedProduct(p, Keys, dOutput, Output.Row, dv + vo, V.Row, Keys, ValueDim, Queries).RunHere();
        new Gemm(dOutput, Output.Row, 1, v, 1, V.Row, ds, Keys, Queries, Keys, ValueDim).RunHere();
        SoftmaxLoops.Backward(p, ds, Queries, Keys);
        if (dBias is not null)
            Simd.Run(new AddScaled { X = ds, Target = dBias, Count = (int)area, Scale = 1f });
        Simd.Run(new ScaleInPlace { X = ds, Count = (int)area, Scale = Scale });
        new Gemm(ds, Keys, 1, k, K.Row, 1, dq + qo, Q.Row, Queries, KeyDim, Keys).RunHere();
        new TransposedProduct(ds, Keys, q, Q.Row, dk + ko, K.Row, Keys, KeyDim, Queries).RunHere();
    }

    /// <summary>The memory layout of an operand.</summary>
    public struct Operand(float* data, nint batch, nint row, nint head)
    {
        public float* Data = data;
        public nint Batch = batch, Row = row, Head = head;

        public readonly float* At(int b, int h) => Data + b * Batch + h * Head;
    }
}
