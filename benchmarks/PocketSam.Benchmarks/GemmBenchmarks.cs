using BenchmarkDotNet.Attributes;
using PocketSam.Training.Benchmarks;
using PocketSam.Kernels;
using PocketSam.Kernels.Products;

namespace PocketSam.Benchmarks;

/// <summary>The three products of a linear layer: forward, gradient of the input, gradient of the weights.</summary>
public unsafe class GemmBenchmarks : IHasFlops
{
    private float[] _x = [], _w = [], _y = [];
    private PackedMatrix? _forward, _backward;

    /// <summary>Rows, inputs and outputs of the layer: TinyViT's narrow, middle and wide ones.</summary>
    [Params("16384x64x256", "4096x160x640", "2048x256x1024")]
    public string Layer { get; set; } = "";

    public double Flops => 2.0 * M * N * K;

    public int Threads => 1;

    private int M => int.Parse(Layer.Split('x')[0]);

    private int K => int.Parse(Layer.Split('x')[1]);

    private int N => int.Parse(Layer.Split('x')[2]);

    [GlobalSetup]
    public void Setup()
    {
        Workers.Default = Threads;
        (_x, _w, _y) = (Values.Random(M * K), Values.Random(N * K), Values.Random(M * N));
        fixed (float* w = _w)
        {
            _forward = PackedMatrix.From(w, 1, K, K, N);
            _backward = PackedMatrix.From(w, K, 1, N, K);
        }
    }

    [Benchmark(Baseline = true)]
    public void Forward()
    {
        fixed (float* x = _x, y = _y)
            new Gemm(x, K, _forward!, y, N, M).Run();
    }

    [Benchmark]
    public void InputGradient()
    {
        fixed (float* x = _x, y = _y)
            new Gemm(y, N, _backward!, x, K, M).Run();
    }

    [Benchmark]
    public void WeightGradient()
    {
        fixed (float* x = _x, w = _w, y = _y)
            new Gemm(y, 1, N, x, K, 1, w, K, N, K, M).Run();
    }
}
