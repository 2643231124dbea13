using System.Globalization;
using System.Text.RegularExpressions;
using PocketSam.Layers;

namespace PocketSam.Models;

/// <summary>
/// A DINOv2 backbone (Oquab et al., arXiv:2304.07193; with registers: Darcet et al.,
/// arXiv:2309.16588) as initial values of an image encoder, except for neck and
/// high-resolution features. Accepts DINOv2's own names (<c>blocks.0.attn.qkv.weight</c>)
/// and those of transformers (<c>encoder.layer.0.attention.attention.query.weight</c>).
/// Keys may start with <c>backbone.</c>, <c>dinov2.</c> or <c>model.</c>.
/// </summary>
internal static partial class DinoPretraining
{
    private const string Prefix = "image_encoder.";
    private const int HeadChannels = 64;
    private static readonly string[] Nested = ["backbone.", "dinov2.", "model."];

    /// <summary>Whether the keys are those of a DINOv2 backbone.</summary>
    public static bool IsBackbone(Checkpoint checkpoint)
        => checkpoint.Tensors.Keys.Any(key => Bare(key) is "pos_embed" or "embeddings.position_embeddings");

    /// <summary>
    /// The architecture with the registers and positions of the backbone, whose depth and width must match.
    /// </summary>
    /// <exception cref="ArgumentException">The architecture has no DINOv2 encoder.</exception>
    /// <exception cref="CheckpointFormatException">The backbone has
    /// an unsupported shape, or another depth or width.</exception>
    public static SamConfig Fit(Checkpoint checkpoint, SamConfig config)
    {
        if (config.Encoder is not DinoVisionTransformerConfig encoder)
            throw new ArgumentException($"{config.Name} has no DINOv2 encoder to begin with {checkpoint.Source}");
        Dictionary<string, StoredTensor> file = ByOwnNames(checkpoint);
        int[] positions = Shape(file, checkpoint, "pos_embed", 3), patches = Shape(file, checkpoint, "patch_embed.proj.weight", 4);
        int channels = positions[2], side = (int)Math.Sqrt(positions[1] - 1);
        int depth = file.Keys.Select(key => BlockOf().Match(key)).Where(m => m.Success)
            .Select(m => int.Parse(m.Groups[1].ValueSpan, CultureInfo.InvariantCulture) + 1).DefaultIfEmpty().Max();
        if (file.ContainsKey("blocks.0.mlp.w12.weight"))
            throw new CheckpointFormatException(checkpoint.Source, "a backbone with SwiGLU, DINOv2's ViT-g: S, B and L are known");
        if (channels % HeadChannels != 0 || side * side + 1 != positions[1] || depth < 1
            || !patches.SequenceEqual([channels, 3, encoder.PatchSize, encoder.PatchSize]))
        {
            throw new CheckpointFormatException(
                checkpoint.Source,
                $"a backbone of {depth} blocks of {channels} channels with {positions[1]} positions and patches of "
                + $"[{string.Join(", ", patches)}]: no DINOv2 ViT-S/14, B/14 or L/14");
        }

        if (channels != encoder.EmbedDim || depth != encoder.Depth)
        {
            throw new CheckpointFormatException(
                checkpoint.Source,
                $"a backbone of {depth} blocks of {channels} channels, where {config.Name} has {encoder.Depth} of {encoder.EmbedDim}");
        }

        return config with
        {
            Encoder = encoder with
            {
                PositionSide = side,
                RegisterTokens = file.TryGetValue("register_tokens", out StoredTensor? registers) ? registers.Shape[1] : 0,
            },
        };
    }

    /// <summary>
    /// Fills the encoder of a model that <see cref="Fit"/> describes; an exception leaves the model unchanged.
    /// </summary>
    /// <exception cref="CheckpointFormatException">A tensor is
    /// missing, unknown, not finite, or has another shape.</exception>
    public static EncoderPretraining Load(Checkpoint checkpoint, SamModel model)
    {
        Dictionary<string, StoredTensor> file = ByOwnNames(checkpoint);
        List<string> fresh = [];
        var values = new List<(StateEntry Entry, float[] Values)>();
        foreach (StateEntry entry in model.State.Entries.Where(e => e.Key.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            string name = entry.Key[Prefix.Length..];
            if (name.StartsWith("neck.", StringComparison.Ordinal) || name.StartsWith("high_res.", StringComparison.Ordinal))
            {
                fresh.Add(entry.Key);
                continue;
            }

            if (!file.Remove(name, out StoredTensor? stored))
                throw new CheckpointFormatException(checkpoint.Source, $"tensor {name} is missing");
            if (!stored.Shape.SequenceEqual(entry.StoredShape))
            {
                throw new CheckpointFormatException(
                    checkpoint.Source,
                    $"tensor {name}: shape [{string.Join(", ", stored.Shape)}] where the architecture has " +
                    $"[{string.Join(", ", entry.StoredShape)}]");
            }

            float[] read = stored.ToFloats();
            if (Array.Exists(read, v => !float.IsFinite(v)))
                throw new CheckpointFormatException(checkpoint.Source, $"tensor {name}: holds a value that is not finite");
            values.Add((entry, read));
        }

        if (file.Keys.FirstOrDefault(key => key is not "mask_token") is { } unknown)
            throw new CheckpointFormatException(checkpoint.Source, $"tensor {unknown}: {model.Config.Name} has no such part");
        foreach ((StateEntry entry, float[] read) in values)
            entry.FromStored(read);
        return new EncoderPretraining
        {
            Source = checkpoint.Source,
            Used = [.. values.Select(v => v.Entry.Key)],
            Resized = [],
            Fresh = fresh,
            Ignored = [.. file.Keys],
        };
    }

    /// <summary>
    /// All tensors under DINOv2's own names, with queries, keys and values of transformers' files joined.
    /// </summary>
    private static Dictionary<string, StoredTensor> ByOwnNames(Checkpoint checkpoint)
    {
        var file = new Dictionary<string, StoredTensor>();
        var parts = new SortedDictionary<string, StoredTensor?[]>(StringComparer.Ordinal);
        foreach ((string key, StoredTensor tensor) in checkpoint.Tensors)
        {
            string name = Bare(key);
            Match part = QueryKeyValue().Match(name);
            if (part.Success)
            {
                string joined = $"blocks.{part.Groups[1].Value}.attn.qkv.{part.Groups[3].Value}";
                if (!parts.TryGetValue(joined, out StoredTensor?[]? three))
                    parts.Add(joined, three = new StoredTensor?[3]);
                three[part.Groups[2].Value switch { "query" => 0, "key" => 1, _ => 2 }] = tensor;
            }
            else if (!file.TryAdd(OwnName(name), tensor))
            {
                throw new CheckpointFormatException(checkpoint.Source, $"tensor {key}: occurs twice");
            }
        }

        foreach ((string name, StoredTensor?[] three) in parts)
        {
            if (three.Contains(null))
                throw new CheckpointFormatException(checkpoint.Source, $"tensor {name}: query, key or value is missing");
            int[] shape = [.. three[0]!.Shape];
            if (three.Any(t => !t!.Shape.SequenceEqual(shape)))
                throw new CheckpointFormatException(checkpoint.Source, $"tensor {name}: query, key and value differ in shape");
            shape[0] *= 3;
            file[name] = StoredTensor.FromFloats([.. three.SelectMany(t => t!.ToFloats())], shape);
        }

        return file;
    }

    /// <summary>
    /// DINOv2's name for a name of transformers (models/dinov2/modeling_dinov2.py); other names are returned unchanged.
    /// </summary>
    private static string OwnName(string name)
    {
        name = TransformersLayer().Replace(name, "blocks.$1.");
        return name switch
        {
            "embeddings.cls_token" => "cls_token",
            "embeddings.mask_token" => "mask_token",
            "embeddings.register_tokens" => "register_tokens",
            "embeddings.position_embeddings" => "pos_embed",
            "embeddings.patch_embeddings.projection.weight" => "patch_embed.proj.weight",
            "embeddings.patch_embeddings.projection.bias" => "patch_embed.proj.bias",
            "layernorm.weight" => "norm.weight",
            "layernorm.bias" => "norm.bias",
            _ => name
                .Replace(".attention.output.dense.", ".attn.proj.", StringComparison.Ordinal)
                .Replace(".layer_scale1.lambda1", ".ls1.gamma", StringComparison.Ordinal)
                .Replace(".layer_scale2.lambda1", ".ls2.gamma", StringComparison.Ordinal),
        };
    }

    private static string Bare(string key)
        => Nested.FirstOrDefault(n => key.StartsWith(n, StringComparison.Ordinal)) is { } nested ? key[nested.Length..] : key;

    private static int[] Shape(Dictionary<string, StoredTensor> file, Checkpoint checkpoint, string name, int rank)
    {
        if (!file.TryGetValue(name, out StoredTensor? tensor))
            throw new CheckpointFormatException(checkpoint.Source, $"tensor {name} is missing");
        return tensor.Shape.Count == rank ? [.. tensor.Shape] : throw new CheckpointFormatException(
            checkpoint.Source, $"tensor {name}: shape [{string.Join(", ", tensor.Shape)}] where {rank} dimensions belong");
    }

    [GeneratedRegex(@"^blocks\.(\d{1,3})\.")]
    private static partial Regex BlockOf();

    [GeneratedRegex(@"^encoder\.layer\.(\d{1,3})\.")]
    private static partial Regex TransformersLayer();

    [GeneratedRegex(@"^encoder\.layer\.(\d{1,3})\.attention\.attention\.(query|key|value)\.(weight|bias)$")]
    private static partial Regex QueryKeyValue();
}
