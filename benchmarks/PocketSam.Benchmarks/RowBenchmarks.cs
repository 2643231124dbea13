using BenchmarkDotNet.Attributes;
using PocketSam.Kernels;
using PocketSam.Kernels.Ops;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Benchmarks;

/// <summary>The loops between the products, over 4096 rows of 160 channels on one thread; a copy is the yardstick.</summary>
public unsafe class RowBenchmarks
{
    private const int Rows = 4096, Channels = 160;

    private readonly float[] _x = GC.AllocateArray<float>(Rows * Channels, pinned: true);
    private readonly float[] _y = GC.AllocateArray<float>(Rows * Channels, pinned: true);
    private readonly float[] _channels = GC.AllocateArray<float>(9 * Channels, pinned: true);

    [GlobalSetup]
    public void Setup()
    {
        Workers.Default = 1;
        var random = new Random(1);
        foreach (float[] values in new[] { _x, _channels })
        {
            for (int i = 0; i < values.Length; i++)
                values[i] = random.NextSingle() - 0.5f;
        }
    }

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
