using System.Globalization;
using PocketSam.Kernels.Image;
using PocketSam.Layers;

namespace PocketSam.Models;

/// <summary>
/// A TinyViT that was trained to classify ImageNet (TinyViT, arXiv:2207.10666) as initial values of an image encoder,
/// except for SAM's neck. Two naming schemes are accepted:
/// <list type="bullet">
/// <item>the original one, which is also SAM's: <c>patch_embed.seq.0.c.weight</c>,
/// <c>layers.1.blocks.0.attn.qkv.weight</c>, the merge <c>layers.0.downsample</c> at the end of a layer;</item>
/// <item>timm's (timm/models/tiny_vit.py): <c>patch_embed.conv1.conv.weight</c>,
/// <c>stages.1.blocks.0.attn.qkv.weight</c>, the merge <c>stages.1.downsample</c>
/// at the start of a stage, <c>conv</c> for <c>c</c>.</item>
/// </list>
/// Keys may start with <c>model.</c>. A table of attention biases for another window is resized by bicubic
/// interpolation, as in the original loader (microsoft/Cream, TinyViT/utils.py).
/// </summary>
internal static class TinyVitPretraining
{
    private const string Prefix = "image_encoder.";
    private const string Nested = "model.";
    private const string Biases = ".attention_biases";

    /// <summary>Fills the encoder of <paramref name="model"/>; an exception leaves the model unchanged.</summary>
    /// <exception cref="ArgumentException">The model's encoder is no TinyViT.</exception>
    /// <exception cref="CheckpointFormatException">The file is no TinyViT, or has other widths or depths.</exception>
    public static EncoderPretraining Load(Checkpoint checkpoint, SamModel model)
    {
        if (model.Config.Encoder is not TinyVitConfig)
            throw new ArgumentException($"{model.Config.Name} has no TinyViT encoder to begin with {checkpoint.Source}");
        var file = new Dictionary<string, (string Key, StoredTensor Tensor)>();
        foreach ((string key, StoredTensor tensor) in checkpoint.Tensors)
        {
            string bare = key.StartsWith(Nested, StringComparison.Ordinal) ? key[Nested.Length..] : key;
            if (!file.TryAdd(bare, (key, tensor)))
                throw new CheckpointFormatException(checkpoint.Source, $"tensor {key}: occurs with and without {Nested}");
        }

        Func<string, string> nameOf
            = file.ContainsKey("patch_embed.seq.0.c.weight") ? name => name
            : file.ContainsKey("patch_embed.conv1.conv.weight") ? TimmName
            : throw new CheckpointFormatException(
                checkpoint.Source,
                "no TinyViT classifier: neither patch_embed.seq.0.c.weight nor timm's patch_embed.conv1.conv.weight is there");

        List<string> resized = [], fresh = [];
        var values = new List<(StateEntry Entry, float[] Values)>();
        foreach (StateEntry entry in model.State.Entries.Where(e => e.Key.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            string name = nameOf(entry.Key[Prefix.Length..]);
            if (name.StartsWith("neck.", StringComparison.Ordinal))
            {
                fresh.Add(entry.Key);
                continue;
            }

            if (!file.Remove(name, out (string Key, StoredTensor Tensor) stored))
                throw new CheckpointFormatException(checkpoint.Source, $"tensor {name} is missing");
            float[] read = Read(checkpoint.Source, stored.Key, stored.Tensor, entry, out bool isResized);
            values.Add((entry, read));
            if (isResized)
                resized.Add(entry.Key);
        }

        if (file.FirstOrDefault(t => !IsUnused(t.Key)) is { Key: not null } unknown)
        {
            throw new CheckpointFormatException(
                checkpoint.Source, $"tensor {unknown.Value.Key}: {model.Config.Name} has no such part of a TinyViT");
        }

        foreach ((StateEntry entry, float[] read) in values)
            entry.FromStored(read);
        return new EncoderPretraining
        {
            Source = checkpoint.Source,
            Used = [.. values.Select(v => v.Entry.Key)],
            Resized = resized,
            Fresh = fresh,
            Ignored = [.. file.Values.Select(t => t.Key)],
        };
    }

    /// <summary>
    /// Resizes a table <c>[heads, from * from]</c> of distances (|dy|, |dx|) to
    /// <paramref name="to"/> by <paramref name="to"/> distances with PyTorch's
    /// bicubic interpolation (a = -0.75, half-pixel centres, edges repeated).
    /// </summary>
    public static float[] Resize(ReadOnlySpan<float> table, int heads, int from, int to)
    {
        float[] result = new float[heads * to * to];
        Span<double> down = stackalloc double[4], across = stackalloc double[4];
        for (int y = 0; y < to; y++)
        {
            int top = BicubicTaps.Weigh(y, from, to, down);
            for (int x = 0; x < to; x++)
            {
                int left = BicubicTaps.Weigh(x, from, to, across);
                for (int h = 0; h < heads; h++)
                {
                    double sum = 0;
                    for (int i = 0; i < 16; i++)
                    {
                        int sy = Math.Clamp(top + i / 4, 0, from - 1), sx = Math.Clamp(left + i % 4, 0, from - 1);
                        sum += down[i / 4] * across[i % 4] * table[(h * from + sy) * from + sx];
                    }

                    result[(h * to + y) * to + x] = (float)sum;
                }
            }
        }

        return result;
    }

    private static float[] Read(string source, string key, StoredTensor stored, StateEntry entry, out bool resized)
    {
        resized = false;
        int[] shape = entry.StoredShape;
        float[] values = stored.ToFloats();
        if (Array.Exists(values, v => !float.IsFinite(v)))
            throw new CheckpointFormatException(source, $"tensor {key}: holds a value that is not finite");
        if (stored.Shape.SequenceEqual(shape))
            return values;
        if (key.EndsWith(Biases, StringComparison.Ordinal) && stored.Shape.Count == 2 && stored.Shape[0] == shape[0])
        {
            int from = (int)Math.Sqrt(stored.Shape[1]), to = (int)Math.Sqrt(shape[1]);
            if (from > 0 && from * from == stored.Shape[1])
            {
                resized = true;
                return Resize(values, shape[0], from, to);
            }
        }

        throw new CheckpointFormatException(
            source,
            $"tensor {key}: shape [{string.Join(", ", stored.Shape)}] where the architecture has [{string.Join(", ", shape)}]");
    }

    /// <summary>timm's name for a weight.</summary>
    private static string TimmName(string name)
    {
        string[] parts = name.Split('.');
        if (parts[0] == "patch_embed")
        {
            // In the original, the activation between the two convolutions has a number.
            parts = [parts[0], parts[2] == "0" ? "conv1" : "conv2", .. parts[3..]];
        }
        else if (parts[0] == "layers")
        {
            int layer = int.Parse(parts[1], CultureInfo.InvariantCulture);
            parts[0] = "stages";
            parts[1] = (parts[2] == "downsample" ? layer + 1 : layer).ToString(CultureInfo.InvariantCulture);
        }

        return string.Join('.', parts.Select(part => part == "c" ? "conv" : part));
    }

    private static bool IsUnused(string name)
        => name.StartsWith("head.", StringComparison.Ordinal)
        || name.StartsWith("norm_head.", StringComparison.Ordinal)
        || name.EndsWith(".num_batches_tracked", StringComparison.Ordinal)
        || name.EndsWith(".attention_bias_idxs", StringComparison.Ordinal);
}
