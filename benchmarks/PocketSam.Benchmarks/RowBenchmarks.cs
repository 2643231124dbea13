using BenchmarkDotNet.Attributes;
using PocketSam.Training.Benchmarks;
using PocketSam.Kernels;
using PocketSam.Kernels.Ops;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Benchmarks;

/// <summary>The loops between the products, over 4096 rows of 160 channels on one thread; a copy is the yardstick.</summary>
public unsafe class RowBenchmarks
{
    private const int Rows = 4096, Channels = 160;

    private readonly float[] _x = Values.Random(Rows * Channels);
    private readonly float[] _y = new float[Rows * Channels];
    private readonly float[] _channels = Values.Random(9 * Channels);

    [GlobalSetup]
    public void Setup() => Workers.Default = 1;

    [Benchmark(Baseline = true)]
    public void Copy()
    {
        fixed (float* x = _x, y = _y)
            Elementwise.Map<Identity>(x, y, Rows * Channels);
    }

    [Benchmark]
    public void GeluForward()
    {
        fixed (float* x = _x, y = _y)
            Elementwise.Map<Gelu>(x, y, Rows * Channels);
    }

    [Benchmark]
    public void LayerNorm()
    {
        fixed (float* x = _x, y = _y, c = _channels)
            LayerNormKernel.Forward(x, c, c, y, null, Rows, Channels, 1e-5f);
    }

    [Benchmark]
    public void Softmax()
    {
        fixed (float* y = _y)
            SoftmaxLoops.Forward(y, Rows, Channels, 1f, null);
    }

    [Benchmark]
    public void Depthwise()
    {
        fixed (float* x = _x, y = _y, c = _channels)
        {
            new DepthwiseKernel
            {
                Batch = 1, Height = 64, Width = 64, Channels = Channels, Stride = 1, X = x, Weights = c,
            }.Forward(y);
        }
    }
}
