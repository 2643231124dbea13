using PocketSam.Models;

namespace PocketSam.Tests.Models;

/// <summary>A CLIP of the golden outputs, whose weights are made up from transformers' keys.</summary>
internal static class MadeUpClip
{
    /// <param name="keys">Path of the list of keys, types and shapes.</param>
    /// <param name="activation">The function inside the MLPs.</param>
    /// <param name="seed">Of the weights.</param>
    public static ClipModel Create(string keys, ClipActivation activation, ulong seed)
    {
        var tensors = File.ReadLines(keys).Select(line => line.Split('\t')).AsParallel().AsOrdered().ToDictionary(row => row[0], row =>
        {
            int[] shape = row[2].Length == 0 ? [] : Array.ConvertAll(row[2].Split(','), int.Parse);
            return StoredTensor.FromFloats(MadeUpWeights.Fill(row[0], shape, seed, Map(row[0], shape)), shape);
        });
        Checkpoint named = ClipCheckpoint.ByOwnNames(new Checkpoint("made-up weights", tensors, new Dictionary<string, string>()));
        return ClipModel.FromCheckpoint(named, ClipCheckpoint.ConfigOf(named, activation));
    }

    private static Func<double, double> Map(string key, int[] shape)
    {
        bool Ends(string s) => key.EndsWith(s, StringComparison.Ordinal);
        double fan = Math.Sqrt(3.0 / shape.Skip(1).Aggregate(1, (a, b) => a * b)), fan1 = shape.Length > 1 ? Math.Sqrt(3.0 / shape[1]) : 0;
        if (key == "logit_scale")
            return _ => MathF.Log(100f);
        if (Ends("class_embedding") || Ends("token_embedding.weight"))
            return u => u;
        if (Ends("position_embedding.weight"))
            return u => 0.5 * u;
        if (Ends("q_proj.weight") || Ends("k_proj.weight"))
            return u => 2 * u * fan1;
        if (Ends("fc1.bias"))
            return u => 0.5 * u - 2;
        if (Ends("fc2.weight"))
            return u => 8 * u * fan1;
        if (Ends("bias"))
            return u => 0.1 * u;
        return shape.Length < 2 ? u => 1 + 0.1 * u : u => u * fan;
    }
}
