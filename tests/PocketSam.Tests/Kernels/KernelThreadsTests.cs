using PocketSam.Kernels.Ops;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Tests.Kernels;

/// <summary>The kernels give the same bits whatever the number of threads, on sizes that make many parts.</summary>
[Collection(ThreadCounts.Name)]
[Trait("Category", "Simd")]
public sealed unsafe class KernelThreadsTests
{
    private const int Rows = 1500, Columns = 70, Inner = 130;

    private readonly Guarded _x = Guarded.From(Samples.Uniform(Rows * Inner, 1));
    private readonly Guarded _w = Guarded.From(Samples.Uniform(Inner * Columns, 2));
    private readonly Guarded _dy = Guarded.From(Samples.Uniform(Rows * Columns, 3));
    private readonly Guarded _gain = Guarded.From(Samples.Uniform(Inner, 4));
    private readonly Guarded _bias = Guarded.From(Samples.Uniform(Inner, 5));

    [Fact]
    public void Matrix_products() => ThreadCounts.AssertSameBits(
        () =>
        {
            Guarded y = new(Rows * Columns), dx = new(Rows * Inner), dw = new(Inner * Columns), sums = new(Inner);
            sums.Span.Clear();
            PackedMatrix packed = PackedMatrix.From(_w.Data, Columns, 1, Inner, Columns);
            new Gemm(_x.Data, Inner, packed, y.Data, Columns, Rows)
            {
                Bias = _bias.Data,
                Activation = Activation.Gelu,
            }.Run();
            new Gemm(_dy.Data, Columns, 1, _w.Data, 1, Columns, dx.Data, Inner, Rows, Inner, Columns).Run();
            new TransposedProduct(_x.Data, Inner, _dy.Data, Columns, dw.Data, Columns, Inner, Columns, Rows)
            {
                Sums = sums.Data,
            }.Run();
            return [.. y.Span, .. dx.Span, .. dw.Span, .. sums.Span];
        },
        "products");

    [Fact]
    public void Norms() => ThreadCounts.AssertSameBits(
        () =>
        {
            Guarded y = new(Rows * Inner), z = new(Rows * Inner), dx = new(Rows * Inner), statistics = new(2 * Rows);
            float[] mean = new float[Inner], variance = new float[Inner];
            float[] gains = new float[Inner], biases = new float[Inner];
            LayerNormKernel.Forward(_x.Data, _gain.Data, _bias.Data, y.Data, statistics.Data, Rows, Inner, 1e-5f);
            fixed (float* dgain = gains, dbias = biases)
            {
                LayerNormKernel.Backward(
                    _x.Data, _gain.Data, statistics.Data, y.Data, dx.Data, false, dgain, dbias, Rows, Inner);
            }

            BatchNormKernel.Statistics(_x.Data, Rows, Inner, mean, variance);
            BatchNormKernel.Apply(_x.Data, _gain.Data, _bias.Data, z.Data, Rows, Inner, gelu: true);
            float[] sums = new float[2 * Inner];
            BatchNormKernel.BackwardSums(
                _x.Data, _gain.Data, _bias.Data, mean, variance, y.Data, sums, Rows, Inner, gelu: true);
            return [.. y.Span, .. dx.Span, .. gains, .. biases, .. mean, .. variance, .. z.Span, .. sums];
        },
        "norms");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Depthwise_convolution(int stride) => ThreadCounts.AssertSameBits(
        () =>
        {
            var kernel = new DepthwiseKernel
            {
                Batch = 2,
                Height = 30,
                Width = 25,
                Channels = Inner,
                Stride = stride,
                X = _x.Data,
                Weights = _w.Data,
            };
            int outputs = 2 * kernel.OutHeight * kernel.OutWidth * Inner;
            Guarded y = new(outputs), dx = new(Rows * Inner);
            float[] dw = new float[9 * Inner];
            kernel.Forward(y.Data, _bias.Data, gelu: true);
            fixed (float* p = dw)
                kernel.Backward(y.Data, dx.Data, accumulate: false, p);
            return [.. y.Span, .. dx.Span, .. dw];
        },
        "depthwise convolution");

    [Fact]
    public void Attention() => ThreadCounts.AssertSameBits(
        () =>
        {
            const int Batch = 40, Heads = 2, N = 36, Dim = 20;
            AttentionKernel.Operand Operand(float* data) => new(data, N * Heads * Dim, Heads * Dim, Dim);
            int area = Heads * N * N, count = Batch * N * Heads * Dim;
            Guarded y = new(count), weights = new(Batch * area), dq = new(count), dk = new(count), dv = new(count);
            float[] dBias = new float[area];
            var kernel = new AttentionKernel
            {
                Batch = Batch,
                Heads = Heads,
                Queries = N,
                Keys = N,
                KeyDim = Dim,
                ValueDim = Dim,
                Scale = 0.2f,
                Q = Operand(_x.Data),
                K = Operand(_x.Data + count),
                V = Operand(_x.Data + 2 * count),
                Output = Operand(y.Data),
                Bias = _dy.Data,
                Weights = weights.Data,
            };
            kernel.Forward();
            float[] forward = y.Span.ToArray();
            fixed (float* db = dBias)
                kernel.Backward(dq.Data, dk.Data, dv.Data, db);
            return [.. forward, .. dq.Span, .. dk.Span, .. dv.Span, .. dBias];
        },
        "attention");

    [Fact]
    public void Sums_and_functions() => ThreadCounts.AssertSameBits(
        () =>
        {
            Guarded y = new(Rows * Inner);
            float[] sums = new float[Inner];
            fixed (float* s = sums)
                ColumnSums.Add(_x.Data, Rows, Inner, s);
            Elementwise.Map<Gelu>(_x.Data, y.Data, Rows * Inner);
            Elementwise.Zip<GeluGradient>(_x.Data, y.Data, y.Data, Rows * Inner);
            return [.. y.Span, .. sums];
        },
        "sums");

    [Fact]
    public void Patches() => ThreadCounts.AssertSameBits(
        () =>
        {
            var patches = new Im2ColKernel
            {
                Batch = 3,
                Height = 30,
                Width = 16,
                Channels = Inner,
                Kernel = 3,
                Stride = 1,
                Padding = 1,
            };
            Guarded columns = new(patches.Rows * patches.Columns), dx = Guarded.From(new float[3 * 30 * 16 * Inner]);
            patches.Gather(_x.Data, columns.Data);
            patches.Spread(columns.Data, dx.Data);
            return [.. columns.Span, .. dx.Span];
        },
        "patches");
}
