using System.Numerics.Tensors;
using PocketSam.Cli.Reports;
using PocketSam.Training.Benchmarks;
using PocketSam.Training.Data.Scenes;

namespace PocketSam.Cli.Quantizing;

/// <summary>Quantises a CLIP's image tower to 8-bit integers.</summary>
internal static class QuantizedClip
{
    private const int TimedRuns = 5, Pictures = 16, Side = 224;

    /// <summary>Writes the quantised model, and compares both models on generated pictures.</summary>
    /// <param name="input">Path of the CLIP.</param>
    /// <param name="output">The file to write.</param>
    /// <param name="patterns">Patterns of the keys of layers that stay in floating point.</param>
    /// <param name="option">Name of the option that has the patterns.</param>
    /// <param name="terminal">Receives the progress.</param>
    /// <param name="cancellation">Cancels the work; the file is then written completely or not at all.</param>
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
