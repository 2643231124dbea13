using BenchmarkDotNet.Attributes;
using Microsoft.ML.OnnxRuntime;
using PocketSam.Kernels.Ops;
using PocketSam.Models.Yolo;
using PocketSam.Tensors;
using PocketSam.Training.Benchmarks;

namespace PocketSam.Benchmarks;

/// <summary>FastSAM-s's network here and in ONNX Runtime, in turn, with random weights: how fast it is does not depend on them.</summary>
public class FastSamBenchmarks
{
    private const int Side = 1024;

    private readonly YoloSegmenter _network = YoloSegmenter.Create(YoloConfig.FastSamS, seed: 1);
    private Tensor? _input;
    private InferenceSession? _session;
    private OrtValue? _images;

    /// <summary>Rows of the input: a square one, and that of a picture of 3:2.</summary>
    [Params(Side, 704)]
    public int Height { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        float[] values = [.. Values.Random(3 * Height * Side).Select(MathF.Abs)];
        _input = Tensor.From(values, Height, Side, 3);
        using var graph = new MemoryStream();
        new FastSamGraph(YoloConfig.FastSamS, Random).Write(graph, Side, Height);
        using var options = new SessionOptions { IntraOpNumThreads = Environment.ProcessorCount };
        _session = new InferenceSession(graph.ToArray(), options);
        _images = OrtValue.CreateTensorValueFromMemory(values, [1, 3, Height, Side]);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _images?.Dispose();
        _session?.Dispose();
    }

    /// <summary>The network of <see cref="FastSam"/>.</summary>
    [Benchmark]
    public unsafe void PocketSam()
    {
        using Tape tape = Tape.Inference();
        _network.Forward(new FeatureMap(_input!.Data, Height, Side, 3));
    }

    /// <summary>The same network as exporters write it, on the processor.</summary>
    [Benchmark(Baseline = true)]
    public void OnnxRuntime()
    {
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = _session!.Run(options, ["images"], [_images!], ["output0", "output1"]);
    }

    /// <summary>Values about which activations neither die out nor explode; variances are above zero.</summary>
    private static float[] Random(string key, int[] shape)
    {
        int count = shape.Aggregate((product, size) => product * size);
        float scale = shape.Length == 4 ? MathF.Sqrt(3f / (count / shape[0])) : 1;
        return [.. Values.Random(count).Select(value => key.EndsWith("running_var", StringComparison.Ordinal) ? 1 : scale * value)];
    }
}
