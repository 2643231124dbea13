using PocketSam.Models.Yolo;

namespace PocketSam.Tests.Models;

/// <summary>The networks of the golden outputs in <c>fastsam</c>: their README tells the weights.</summary>
internal static class MadeUpYolo
{
    private static readonly Lazy<YoloSegmenter> Small = new(() => FromKeys("s", gain: 1.2, box: 1, [2, 1, 0.5], [-1.875, -3.5, -4]));

    /// <summary>The network of a case, such as <c>tiny_160_a</c>.</summary>
    public static YoloSegmenter OfCase(string name) => name.Split('_')[0] switch
    {
        "s" => Small.Value,
        "x" => FromKeys("x", gain: 1.08, box: 0.5, [1, 0.5, 0.5], [0, -2, -2]),
        _ => Tiny(),
    };

    private static YoloSegmenter Tiny()
    {
        using Checkpoint checkpoint = CheckpointFile.Read(GoldenFiles.Require("fastsam/tiny.safetensors"));
        return YoloSegmenter.FromCheckpoint(checkpoint);
    }

    private static YoloSegmenter FromKeys(string model, double gain, double box, double[] scores, double[] shifts)
    {
        const string Prefix = "model.";
        string[][] rows = [.. File.ReadLines(GoldenFiles.Require($"fastsam/keys_{model}.tsv")).Select(line => line.Split('\t'))];
        var tensors = rows.Where(row => row[0].StartsWith(Prefix, StringComparison.Ordinal)).AsParallel().ToDictionary(
            row => row[0][Prefix.Length..],
            row =>
            {
                int[] shape = [.. row[2].Trim('[', ']').Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
                return StoredTensor.FromFloats(Values(row[0], shape, gain, box, scores, shifts), shape);
            });
        return YoloSegmenter.FromCheckpoint(new Checkpoint("made-up weights", tensors, new Dictionary<string, string>()));
    }

    private static float[] Values(string key, int[] shape, double gain, double box, double[] scores, double[] shifts)
    {
        int count = shape.Aggregate(1, (a, b) => a * b);
        if (key == "model.22.dfl.conv.weight")
            return [.. Enumerable.Range(0, count).Select(i => (float)i)];
        if (key.EndsWith("num_batches_tracked", StringComparison.Ordinal))
            return new float[count];
        if (key.StartsWith("model.22.cv3.", StringComparison.Ordinal) && key.EndsWith(".2.bias", StringComparison.Ordinal))
            return [.. Enumerable.Repeat((float)shifts[key["model.22.cv3.".Length] - '0'], count)];
        double factor = key.EndsWith("bn.weight", StringComparison.Ordinal) ? gain
            : key == "model.0.conv.weight" ? 20
            : key.StartsWith("model.22.cv2.", StringComparison.Ordinal) && key.EndsWith(".2.weight", StringComparison.Ordinal) ? box
            : key.StartsWith("model.22.cv3.", StringComparison.Ordinal) && key.EndsWith(".2.weight", StringComparison.Ordinal)
                ? scores[key["model.22.cv3.".Length] - '0'] : 1;
        return MadeUpWeights.Fill(key, shape, 1, factor);
    }
}
