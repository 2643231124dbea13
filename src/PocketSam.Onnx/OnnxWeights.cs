using PocketSam.Layers;
using PocketSam.Models;
using PocketSam.Onnx.Import;
using PocketSam.Onnx.Wire;

namespace PocketSam.Onnx;

/// <summary>Reads a model's weights from ONNX files, under PyTorch's keys.</summary>
public static class OnnxWeights
{
    private const string Encoder = "image_encoder.";

    /// <summary>
    /// Epsilon of batch norm. With a variance of 1 - epsilon, mean 0 and scale 1, a norm is the identity up to its
    /// bias.
    /// </summary>
    private const float BatchNormEpsilon = 1e-5f;

    /// <summary>
    /// Reads the weights of an encoder, of a decoder or of both. Where the file has a norm folded into a convolution,
    /// the checkpoint gets a norm that only adds the bias.
    /// </summary>
    /// <param name="paths">One or more files of one model.</param>
    /// <param name="architecture">
    /// The architecture; null to take it from the file's metadata, or else the known architecture that the most weights
    /// fit.
    /// </param>
    /// <param name="missing">Receives the keys of the architecture that the files lack.</param>
    /// <exception cref="OnnxFormatException">
    /// A file is not an ONNX model, or its weights fit no known architecture.
    /// </exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static Checkpoint Read(IReadOnlyList<string> paths, SamConfig? architecture, out IReadOnlyList<string> missing)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentOutOfRangeException.ThrowIfZero(paths.Count);
        List<FoundWeight> weights = [];
        foreach (string path in paths)
        {
            OnnxModel model = OnnxModel.Read(path);
            weights.AddRange(GraphWeights.Of(model, path));
            if (architecture is null && model.Metadata.ContainsKey(ModelZoo.MetadataKey))
                architecture = ModelZoo.FromCheckpoint(new Checkpoint(path, new Dictionary<string, StoredTensor>(), model.Metadata));
        }

        Dictionary<string, StoredTensor> best = [];
        List<string> left = [];
        SamConfig? chosen = null;
        foreach (SamConfig config in architecture is null ? ModelZoo.All : [architecture])
        {
            (Dictionary<string, StoredTensor> tensors, List<string> absent) = Fit(config, weights);
            if (IsBetter(tensors, absent))
                (best, left, chosen) = (tensors, absent, config);
        }

        if (chosen is null)
        {
            string of = architecture is null ? "any known architecture" : architecture.Name;
            throw new OnnxFormatException(paths[0], $"neither an image encoder nor a mask decoder of {of}: {weights.Count} tensors, not all keys of one");
        }

        missing = left;
        return new Checkpoint(paths[0], best, new Dictionary<string, string> { [ModelZoo.MetadataKey] = ModelZoo.ToJson(chosen) });

        // A file must hold an encoder or a decoder completely.
        bool IsBetter(Dictionary<string, StoredTensor> tensors, List<string> absent)
            => tensors.Count > best.Count && (!absent.Any(IsOfEncoder) || absent.All(IsOfEncoder));
    }

    private static bool IsOfEncoder(string key) => key.StartsWith(Encoder, StringComparison.Ordinal);

    private static (Dictionary<string, StoredTensor> Tensors, List<string> Missing) Fit(SamConfig config, IReadOnlyList<FoundWeight> weights)
    {
        ILookup<string, FoundWeight> byLast = weights.ToLookup(weight => weight.Key[(weight.Key.LastIndexOf('.') + 1)..]);
        var tensors = new Dictionary<string, StoredTensor>();
        List<string> missing = [];
        StateEntry[] entries = [.. SamModel.Describe(config).State.Entries];
        var keys = entries.Select(entry => entry.Key).ToHashSet();
        foreach (StateEntry entry in entries)
        {
            float[]? values = Find(entry.Key, entry.StoredShape) ?? Folded(entry);
            if (values is null)
                missing.Add(entry.Key);
            else
                tensors.Add(entry.Key, StoredTensor.FromFloats(values, entry.StoredShape));
        }

        return (tensors, missing);

        float[]? Find(string key, int[] shape)
        {
            FoundWeight? weight = byLast[key[(key.LastIndexOf('.') + 1)..]]
                .Where(weight => Names(weight.Key, key))
                .OrderByDescending(weight => weight.Key == key).ThenByDescending(weight => weight.IsNamed).ThenByDescending(weight => weight.Key.Length)
                .FirstOrDefault();
            return weight is null ? null : Values(weight, shape);
        }

        // A convolution with a folded norm has the norm's bias as its own.
        float[]? Folded(StateEntry entry)
        {
            foreach (string part in new[] { ".c.weight", ".bn.weight", ".bn.bias", ".bn.running_mean", ".bn.running_var" })
            {
                if (!entry.Key.EndsWith(part, StringComparison.Ordinal) || !keys.Contains(entry.Key[..^part.Length] + ".bn.running_var"))
                    continue;
                string layer = entry.Key[..^part.Length];
                int[] one = entry.StoredShape;
                return part switch
                {
                    ".c.weight" => Find(layer + ".weight", one),
                    ".bn.bias" => Find(layer + ".bias", one) ?? Find(layer + ".c.bias", one),
                    _ when Find(layer + ".bias", [.. one]) is null && Find(layer + ".c.bias", [.. one]) is null => null,
                    ".bn.running_mean" => new float[one[0]],
                    ".bn.weight" => [.. Enumerable.Repeat(1f, one[0])],
                    _ => [.. Enumerable.Repeat(1 - BatchNormEpsilon, one[0])],
                };
            }

            return null;
        }
    }

    /// <summary>
    /// Whether a name stands for a key: equal, with a wrapper's prefix, or without a prefix that the file leaves out.
    /// </summary>
    private static bool Names(string name, string key)
        => name == key || name.EndsWith("." + key, StringComparison.Ordinal) || key.EndsWith("." + name, StringComparison.Ordinal);

    /// <summary>The values in PyTorch's order; null where the tensor's shape does not match.</summary>
    private static float[]? Values(FoundWeight weight, int[] shape)
    {
        if (weight.Tensor.Count != shape.Aggregate(1L, (product, size) => product * size))
            return null;
        if (!weight.IsTransposed)
        {
            bool isSame = weight.Tensor.Shape.Where(size => size != 1).SequenceEqual(shape.Where(size => size != 1).Select(size => (long)size));
            return isSame ? weight.Tensor.ToFloats(weight.File) : null;
        }

        long rows = weight.Tensor.Shape.Count == 2 ? weight.Tensor.Shape[1] : 0, columns = weight.Tensor.Shape[0];
        if (rows != shape[0])
            return null;
        float[] stored = weight.Tensor.ToFloats(weight.File), values = new float[stored.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = stored[i % columns * rows + i / columns];
        return values;
    }
}
