using PocketSam.Kernels;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Tensors;

/// <summary>Matrix products.</summary>
internal static unsafe class MatrixOps
{
    /// <summary>
    /// activation(x W^T + bias + residual): x <c>[..., K]</c>, W <c>[N, K]</c> as in PyTorch, result <c>[..., N]</c>.
    /// GELU is for inference: its gradient needs the value before the activation, so training composes it.
    /// </summary>
    /// <exception cref="ArgumentException">The channels of <paramref name="x"/> are not K.</exception>
    public static Tensor Linear(
        this Tensor x, Weight weight, Weight? bias, Tensor? residual = null, Activation activation = Activation.None)
    {
        int n = weight.Shape[0], k = (int)(weight.Count / n);
        if (x.Channels != k)
            throw new ArgumentException($"a linear layer of {k} inputs was given {x}");
        int[] shape = [.. x.Shape];
        shape[^1] = n;
        return Tape.Run(
            new LinearOp(x, weight, bias, residual, activation, n, k), shape, x, weight, bias, residual);
    }

    /// <summary>target += x W^T + b, in place: a residual branch without gradient.</summary>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static void AddLinear(this Tensor target, Tensor x, Weight weight, Weight bias)
    {
        int n = weight.Shape[0], k = weight.Shape[1];
        if (x.Channels != k || target.Channels != n || target.Rows != x.Rows)
            throw new ArgumentException($"a linear layer of {k} inputs and {n} outputs cannot add {x} to {target}");
        Tape.RunInto(target, new LinearSumOp(x, weight, bias), target, x, weight, bias);
    }

    /// <summary>
    /// C = A B^T for each batch item: A <c>[batch, M, K]</c>, B <c>[batch, N, K]</c>, C <c>[batch, M, N]</c>.
    /// </summary>
    /// <exception cref="ArgumentException">The batch sizes or K differ.</exception>
    public static Tensor MatMulTransposed(Tensor a, Tensor b)
    {
        int batch = a.Shape[0], k = a.Channels, m = (int)(a.Count / batch / k), n = (int)(b.Count / batch / k);
        if (b.Channels != k || b.Shape[0] != batch)
            throw new ArgumentException($"cannot multiply {a} with the transpose of {b}");
        return Tape.Run(new TransposedMatMulOp(a, b, batch, m, n, k), [batch, m, n], a, b);
    }

    /// <summary>y = f(x W^T + b + r); dW = dy^T x, db = sum of dy over the rows, dx = dy W, dr = dy</summary>
    private sealed class LinearOp(
        Tensor x, Weight weight, Weight? bias, Tensor? residual, Activation activation, int n, int k) : Op
    {
        private readonly int _m = (int)(x.Count / k);

        public override string Name => "Linear";

        public override IReadOnlyDictionary<string, object> Attributes
            => new Dictionary<string, object> { ["activation"] = activation.ToString() };

        public override long MultiplyAdds => (long)_m * n * k;

        public override string? NoGradient
            => activation is Activation.Gelu or Activation.QuickGelu ? "GELU inside a product has no gradient" : null;

        public override void Forward(Tensor y) => new Gemm(x.Data, k, weight.Transposed(n, k), y.Data, n, _m)
        {
            Bias = bias is null ? null : bias.Value.Data,
            Residual = residual is null ? null : residual.Data,
            ResidualStride = n,
            Activation = activation,
        }.Run();

        public override void Backward(Tensor y)
        {
            float* dy = y.Buffer.Gradient!.Data;
            if (activation == Activation.Relu)
                Elementwise.Zip<ReluGradient>(y.Data, dy, dy, y.Count);
            bool accumulate = false;
            float* dw = weight.WantsGradient ? Tape.GradientOf(weight.Value, out accumulate) : null;
            float* db = bias is { WantsGradient: true } ? Tape.GradientToAddTo(bias.Value) : null;
            if (dw is not null)
                new TransposedProduct(dy, n, x.Data, k, dw, k, n, k, _m) { Accumulate = accumulate, Sums = db }.Run();
            else if (db is not null)
                ColumnSums.Add(dy, _m, n, db);
            float* dx = Tape.GradientOf(x, out accumulate);
            if (dx is not null)
                new Gemm(dy, n, weight.Plain(n, k), dx, k, _m) { Accumulate = accumulate }.Run();
            if (residual is not null)
                Tape.PassGradient(y, residual);
        }
    }

    /// <summary>y += x W^T + b</summary>
    private sealed class LinearSumOp(Tensor x, Weight weight, Weight bias) : Op
    {
        public override string Name => "AddLinear";

        public override long MultiplyAdds => (long)x.Rows * weight.Count;

        public override void Forward(Tensor y)
        {
            int n = weight.Shape[0], k = weight.Shape[1];
            new Gemm(x.Data, k, weight.Transposed(n, k), y.Data, n, x.Rows)
            {
                Bias = bias.Value.Data,
                Accumulate = true,
            }.Run();
        }
    }

    /// <summary>C = A B^T; dA = dC B, dB = dC^T A</summary>
    private sealed class TransposedMatMulOp(Tensor a, Tensor b, int batch, int m, int n, int k) : Op
    {
        private readonly nint _am = (nint)m * k, _bn = (nint)n * k, _cm = (nint)m * n;

        public override string Name => "MatMulTransposed";

        public override long MultiplyAdds => (long)batch * m * n * k;

        public override void Forward(Tensor c)
        {
            float* pa = a.Data, pb = b.Data, pc = c.Data;
            Workers.For(batch, i => new Gemm(pa + i * _am, k, 1, pb + i * _bn, 1, k, pc + i * _cm, n, m, n, k).RunHere());
        }

        public override void Backward(Tensor c)
        {
            float* pa = a.Data, pb = b.Data, dc = c.Buffer.Gradient!.Data;
            float* da = Tape.GradientOf(a, out bool addA), db = Tape.GradientOf(b, out bool addB);
            Workers.For(batch, i =>
            {
                if (da is not null)
                    new Gemm(dc + i * _cm, n, 1, pb + i * _bn, k, 1, da + i * _am, k, m, k, n) { Accumulate = addA }.RunHere();
                if (db is not null)
                    new TransposedProduct(dc + i * _cm, n, pa + i * _am, k, db + i * _bn, k, n, k, m) { Accumulate = addB }.RunHere();
            });
        }
    }
}
