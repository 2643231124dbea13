using PocketSam.Kernels.Ops;
using PocketSam.Models.Yolo;
using PocketSam.Tensors;

namespace PocketSam.Training.Benchmarks;

/// <summary>Measures FastSAM-s's network with random weights, which do not affect speed.</summary>
internal static class FastSamBenchmarks
{
    private const int Side = 1024;

    /// <summary>Measures a square input, and that of a 3:2 picture.</summary>
    public static IEnumerable<Measurement> Run(Meter meter)
    {
        YoloSegmenter network = YoloSegmenter.Create(YoloConfig.FastSamS, seed: 1);
        foreach (int height in new[] { Side, 704 })
        {
            Tensor input = Tensor.From([.. Values.Random(height * Side * 3).Select(MathF.Abs)], height, Side, 3);
            yield return meter.Measure(
                $"network of {network.Config.Name} at {Side}x{height}", 2.0 * network.MultiplyAdds(Side, height),
                () => Forward(network, input, meter.Cancellation));
        }
    }

    private static unsafe void Forward(YoloSegmenter network, Tensor input, CancellationToken cancellation)
    {
        using Tape tape = Tape.Inference();
        network.Forward(new FeatureMap(input.Data, input.Shape[0], input.Shape[1], 3), cancellation: cancellation);
    }
}
