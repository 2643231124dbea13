using System.Numerics.Tensors;
using PocketSam.Cli.Reports;
using PocketSam.Training.Benchmarks;
using PocketSam.Training.Data.Scenes;

namespace PocketSam.Cli.Quantizing;

/// <summary>A CLIP whose image tower computes with whole numbers.</summary>
internal static class QuantizedClip
{
    private const int TimedRuns = 5, Pictures = 16, Side = 224;

    /// <summary>Writes it, and compares both on made-up pictures.</summary>
    /// <param name="input">The CLIP.</param>
    /// <param name="output">The file to write.</param>
    /// <param name="patterns">Layers that stay floats.</param>
    /// <param name="option">The option that named those.</param>
    /// <param name="terminal">Takes the progress.</param>
    /// <param name="cancellation">Stops it; then nothing is written, or all.</param>
    public static QuantizeReport Write(
        string input, string output, string[] patterns, string option, Terminal terminal, CancellationToken cancellation)
    {
        using Checkpoint floats = Clip.ReadCheckpoint(input);
        IReadOnlyList<string> layers = ModelQuantizer.IntegerLayers(floats);
        string[] kept = FloatLayers.Named(layers, patterns, option);
        Checkpoint whole = ModelQuantizer.Quantize(
            floats, new QuantizationInfo { Arithmetic = QuantizedArithmetic.Int8, FloatLayers = kept, Method = "dynamic", Bits = 8 }, cancellation);
        CheckpointFile.Write(output, whole.Tensors, whole.Metadata, cancellation: cancellation);
        Clip before = Clip.FromCheckpoint(floats, input), after = Clip.Load(output);
        var scenes = new SceneGenerator(new SceneOptions { Width = Side, Height = Side });
        RgbImage[] pictures = [.. Enumerable.Range(0, Pictures).Select(i => scenes.Draw((ulong)i).Image)];
        IReadOnlyList<float[]> old = before.EmbedImages(pictures, cancellation: cancellation), now = after.EmbedImages(pictures, cancellation: cancellation);
        double[] cosines = [.. old.Zip(now, (a, b) => (double)TensorPrimitives.Dot<float>(a, b))];
        BeforeAndAfter times = terminal.WithProgress("measuring", _ =>
        {
            var meter = new Meter(ComputeThreads.Count, TimedRuns, new Progress<string>(), cancellation);
            IReadOnlyList<Measurement> measured = meter.MeasureInTurn(
                flops: 0, ("before", () => before.EmbedImages(pictures, cancellation: cancellation)),
                ("after", () => after.EmbedImages(pictures, cancellation: cancellation)));
            return new BeforeAndAfter(measured[0].MedianMs, measured[1].MedianMs);
        });
        return new QuantizeReport(
            input, output, "dynamic", floats.Length, new FileInfo(output).Length, layers.Count - kept.Length, kept, ModelQuantizer.Instructions, times,
            Quality: null)
        {
            Embeddings = new EmbeddingAgreement(Pictures, cosines.Average(), cosines.Min()),
        };
    }
}
