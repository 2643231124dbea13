using PocketSam.Kernels;

namespace PocketSam.Tensors;

/// <summary>Matrix products.</summary>
internal static unsafe class MatrixOps
{
    /// <summary>
    /// activation(x W^T + bias + residual): x <c>[..., K]</c>, W <c>[N, K]</c> as PyTorch stores it, result
    /// <c>[..., N]</c>. GELU is for inference: its gradient needs the value before it, so training composes it.
    /// </summary>
    public static Tensor Linear(
        this Tensor x, Weight weight, Weight? bias, Tensor? residual = null, Activation activation = Activation.None)
    {
        // Where nothing records the product needs the packed weights only.
        Tensor? w = Tape.Records ? weight.Value : null;
        Tensor b = bias?.Value!;
        int n = weight.Shape[0], k = (int)(weight.Count / n), m = (int)(x.Count / k);
        if (x.Channels != k)
            throw new ArgumentException($"a linear layer of {k} inputs was given {x}");
        int[] shape = [.. x.Shape];
        shape[^1] = n;
        Tensor y = Tape.New(shape, x, w, b, residual);
        if (y.WantsGradient && activation == Activation.Gelu)
            throw new ArgumentException("GELU inside a product has no gradient", nameof(activation));
        new Gemm(x.Data, k, weight.Transposed(n, k), y.Data, n, m)
        {
            Bias = bias is null ? null : b.Data,
            Residual = residual is null ? null : residual.Data,
            ResidualStride = n,
            Activation = activation,
        }.Run();
        Tape.Step(y, () =>
        {
            float* dy = y.Buffer.Gradient!.Data;
            if (activation == Activation.Relu)
                Elementwise.Zip<ReluGradient>(y.Data, dy, dy, y.Count);
            float* dw = Tape.GradientOf(w!, out bool accumulate);
            float* db = bias is not null && b.WantsGradient ? Tape.GradientToAddTo(b) : null;
            if (dw is not null)
                new TransposedProduct(dy, n, x.Data, k, dw, k, n, k, m) { Accumulate = accumulate, Sums = db }.Run();
            else if (db is not null)
                ColumnSums.Add(dy, m, n, db);
            float* dx = Tape.GradientOf(x, out accumulate);
            if (dx is not null)
                new Gemm(dy, n, weight.Plain(n, k), dx, k, m) { Accumulate = accumulate }.Run();
            if (residual is not null)
                Tape.PassGradient(y, residual);
        });
        return y;
    }

    /// <summary>target += x W^T + b, in place: the residual of a network that is only used.</summary>
    public static void AddLinear(this Tensor target, Tensor x, Weight weight, Weight bias)
    {
        int n = weight.Shape[0], k = weight.Shape[1], m = x.Rows;
        if (x.Channels != k || target.Channels != n || target.Rows != m)
            throw new ArgumentException($"a linear layer of {k} inputs and {n} outputs cannot add {x} to {target}");
        if (target.WantsGradient || x.WantsGradient)
            throw new ArgumentException("a sum in place has no gradient", nameof(target));
        new Gemm(x.Data, k, weight.Transposed(n, k), target.Data, n, m) { Bias = bias.Value.Data, Accumulate = true }.Run();
    }

    /// <summary>For each batch item: C = A B^T, A <c>[batch, M, K]</c>, B <c>[batch, N, K]</c>, C <c>[batch, M, N]</c>.</summary>
    public static Tensor MatMulTransposed(Tensor a, Tensor b)
    {
        int batch = a.Shape[0], k = a.Channels, m = (int)(a.Count / batch / k), n = (int)(b.Count / batch / k);
        if (b.Channels != k || b.Shape[0] != batch)
            throw new ArgumentException($"cannot multiply {a} with the transpose of {b}");
        Tensor c = Tape.New([batch, m, n], a, b);
        nint am = (nint)m * k, bn = (nint)n * k, cm = (nint)m * n;
        float* pa = a.Data, pb = b.Data, pc = c.Data;
        Workers.For(batch, i => new Gemm(pa + i * am, k, 1, pb + i * bn, 1, k, pc + i * cm, n, m, n, k).RunHere());
        Tape.Step(c, () =>
        {
            float* dc = c.Buffer.Gradient!.Data;
            float* da = Tape.GradientOf(a, out bool addA), db = Tape.GradientOf(b, out bool addB);
            Workers.For(batch, i =>
            {
                if (da is not null)
                    new Gemm(dc + i * cm, n, 1, pb + i * bn, k, 1, da + i * am, k, m, k, n) { Accumulate = addA }.RunHere();
                if (db is not null)
                    new TransposedProduct(dc + i * cm, n, pa + i * am, k, db + i * bn, k, n, k, m) { Accumulate = addB }.RunHere();
            });
        });
        return c;
    }
}
