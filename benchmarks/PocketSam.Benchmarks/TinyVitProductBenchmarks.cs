using BenchmarkDotNet.Attributes;
using PocketSam.Kernels.Products;
using PocketSam.Training.Benchmarks;
using PocketSam.Kernels;

namespace PocketSam.Benchmarks;

/// <summary>The matrix products of TinyViT-5M at 1024x1024, one by one.</summary>
public unsafe class TinyVitProductBenchmarks : IHasFlops
{
    private float[] _a = [], _c = [];
    private PackedMatrix? _b;

    public static IEnumerable<GemmShape> Shapes => GemmShape.TinyVit5M;

    public static IEnumerable<int> ThreadCounts => new[] { 1, Environment.ProcessorCount }.Distinct();

    [ParamsSource(nameof(Shapes))]
    public GemmShape Shape { get; set; }

    [ParamsSource(nameof(ThreadCounts))]
    public int Threads { get; set; }

    public double Flops => Shape.Flops;

    [GlobalSetup]
    public void Setup()
    {
        Workers.Default = Threads;
        (_a, _c) = (Values.Random(Shape.M * Shape.K), Values.Random(Shape.M * Shape.N));
        fixed (float* b = Values.Random(Shape.K * Shape.N))
            _b = PackedMatrix.From(b, Shape.N, 1, Shape.K, Shape.N);
    }

    [Benchmark]
    public void Product()
    {
        fixed (float* a = _a, c = _c)
            new Gemm(a, Shape.K, _b!, c, Shape.N, Shape.M).Run();
    }
}
