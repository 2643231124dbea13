using System.Globalization;
using System.Text.RegularExpressions;

namespace PocketSam.Models;

/// <summary>
/// Normalises the weights of a CLIP model to one naming scheme: OpenAI's archives and state dicts, open_clip's files
/// (the same names), and transformers' <c>CLIPModel</c>. The architecture follows from the shapes.
/// </summary>
internal static partial class ClipCheckpoint
{
    private const int HeadWidth = 64;

    /// <summary>Prefix of the text tower in open_clip's later models, where it is a separate module.</summary>
    private const string TextPrefix = "text.";

    private const string ImagePositions = "visual.positional_embedding";
    private const string Patches = "visual.conv1.weight";

    private static readonly (string Theirs, string Ours)[] Names =
    [
        ("vision_model.embeddings.patch_embedding.", "visual.conv1."), ("vision_model.embeddings.class_embedding", "visual.class_embedding"),
        ("vision_model.embeddings.position_embedding.weight", ImagePositions), ("vision_model.pre_layrnorm.", "visual.ln_pre."),
        ("vision_model.post_layernorm.", "visual.ln_post."), ("vision_model.encoder.layers.", "visual.transformer.resblocks."),
        ("visual_projection.", "visual.proj."), ("text_model.embeddings.token_embedding.", "token_embedding."),
        ("text_model.embeddings.position_embedding.weight", "positional_embedding"), ("text_model.encoder.layers.", "transformer.resblocks."),
        ("text_model.final_layer_norm.", "ln_final."), (".self_attn.", ".attn."), (".layer_norm1.", ".ln_1."), (".layer_norm2.", ".ln_2."),
        (".mlp.fc1.", ".mlp.c_fc."), (".mlp.fc2.", ".mlp.c_proj."), (".attn.in_proj_", ".attn.in_proj."),
    ];

    /// <summary>Whether the keys are those of a CLIP model with a vision transformer.</summary>
    public static bool IsClip(Checkpoint checkpoint)
        => (checkpoint.Tensors.ContainsKey(Patches) || checkpoint.Tensors.ContainsKey("vision_model.embeddings.patch_embedding.weight"))
            && checkpoint.Tensors.Keys.Any(key => key.EndsWith("token_embedding.weight", StringComparison.Ordinal));

    /// <summary>Whether the keys are those of transformers.</summary>
    public static bool IsTransformers(Checkpoint checkpoint)
        => checkpoint.Tensors.Keys.Any(key => key.StartsWith("vision_model.", StringComparison.Ordinal));

    /// <summary>Whether it contains the integer entries that only OpenAI's files have.</summary>
    public static bool IsOpenAi(Checkpoint checkpoint) => checkpoint.Tensors.ContainsKey("input_resolution");

    /// <summary>The tensors under the names of <see cref="ClipModel"/>.</summary>
    /// <exception cref="CheckpointFormatException">A name occurs
    /// twice, or one of query, key and value is missing.</exception>
    public static Checkpoint ByOwnNames(Checkpoint checkpoint)
    {
        var named = new Dictionary<string, StoredTensor>();
        var parts = new SortedDictionary<string, StoredTensor?[]>(StringComparer.Ordinal);
        foreach ((string key, StoredTensor tensor) in checkpoint.Tensors)
        {
            if (IsUnused(key))
                continue;
            string name = OwnName(key);
            Match part = QueryKeyValue().Match(name);
            if (part.Success)
            {
                string joined = $"{part.Groups[1].Value}in_proj.{part.Groups[3].Value}";
                if (!parts.TryGetValue(joined, out StoredTensor?[]? three))
                    parts.Add(joined, three = new StoredTensor?[3]);
                three[part.Groups[2].Value switch { "q" => 0, "k" => 1, _ => 2 }] = tensor;
                continue;
            }

            // OpenAI's projections are [inputs, outputs]; a layer's weights are [outputs, inputs].
            (name, StoredTensor own) = name switch
            {
                "visual.proj" => ("visual.proj.weight", Transposed(tensor)),
                "text_projection" => ("text_projection.weight", Transposed(tensor)),
                _ => (name, tensor),
            };
            if (!named.TryAdd(name, own))
                throw new CheckpointFormatException(checkpoint.Source, $"tensor {key}: occurs twice");
        }

        foreach ((string name, StoredTensor?[] three) in parts)
            named[name] = Joined(name, three, checkpoint.Source);
        return checkpoint with { Tensors = named };
    }

    /// <summary>The architecture of normalised weights.</summary>
    /// <param name="checkpoint">The result of <see cref="ByOwnNames"/>.</param>
    /// <param name="activation">The activation, which shapes do not show.</param>
    /// <param name="visionHeads">Attention heads of the image tower; null for one per 64 channels.</param>
    /// <param name="textHeads">Attention heads of the text tower; null for one per 64 channels.</param>
    /// <exception cref="CheckpointFormatException">A tensor is
    /// missing, or has a shape that no CLIP model has.</exception>
    public static ClipConfig ConfigOf(Checkpoint checkpoint, ClipActivation activation, int? visionHeads = null, int? textHeads = null)
    {
        int[] patches = Shape(checkpoint, Patches, 4), positions = Shape(checkpoint, ImagePositions, 2);
        int[] tokens = Shape(checkpoint, "token_embedding.weight", 2), context = Shape(checkpoint, "positional_embedding", 2);
        int side = (int)Math.Sqrt(positions[0] - 1);
        if (side * side + 1 != positions[0])
            throw new CheckpointFormatException(checkpoint.Source, $"{positions[0]} positions are none of a square picture with a class token");
        var config = new ClipConfig
        {
            ImageSize = (int)Math.Min(int.MaxValue, (long)side * patches[3]),
            PatchSize = patches[3],
            Vision = Tower(checkpoint, "visual.transformer.resblocks.", patches[0], visionHeads),
            Text = Tower(checkpoint, "transformer.resblocks.", tokens[1], textHeads),
            ContextLength = context[0],
            VocabularySize = tokens[0],
            EmbedDim = Shape(checkpoint, "visual.proj.weight", 2)[0],
            Activation = activation,
        };
        try
        {
            config.Validate();
        }
        catch (ArgumentException e)
        {
            throw new CheckpointFormatException(checkpoint.Source, $"shapes of no possible CLIP: {e.Message}", e);
        }

        return config;
    }

    private static ClipTowerConfig Tower(Checkpoint checkpoint, string blocks, int width, int? heads)
    {
        int layers = checkpoint.Tensors.Keys
            .Where(key => key.StartsWith(blocks, StringComparison.Ordinal))
            .Select(key => key[blocks.Length..].Split('.')[0])
            .Select(number => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int i) && i < int.MaxValue ? i + 1 : 0)
            .DefaultIfEmpty().Max();
        int hidden = Shape(checkpoint, $"{blocks}0.mlp.c_fc.weight", 2)[0];
        return new ClipTowerConfig(width, layers, heads ?? Math.Max(1, width / HeadWidth), hidden);
    }

    /// <summary>Whether a key is no weight: sizes stored as tensors, position indices.</summary>
    private static bool IsUnused(string key)
        => key is "input_resolution" or "context_length" or "vocab_size" || key.EndsWith(".position_ids", StringComparison.Ordinal)
            || key is "text.attn_mask" or "attn_mask";

    private static string OwnName(string key)
    {
        if (key.StartsWith(TextPrefix, StringComparison.Ordinal))
            key = key[TextPrefix.Length..];
        foreach ((string theirs, string ours) in Names)
            key = key.Replace(theirs, ours, StringComparison.Ordinal);
        return key;
    }

    private static StoredTensor Transposed(StoredTensor tensor)
    {
        if (tensor.Shape is not [int rows, int columns])
            return tensor;
        float[] values = tensor.ToFloats(), turned = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
            turned[i % columns * rows + i / columns] = values[i];
        return StoredTensor.FromFloats(turned, [columns, rows]);
    }

    private static StoredTensor Joined(string name, StoredTensor?[] three, string source)
    {
        if (three.Contains(null))
            throw new CheckpointFormatException(source, $"tensor {name}: query, key or value is missing");
        int[] shape = [.. three[0]!.Shape];
        if (shape.Length == 0 || three.Any(t => !t!.Shape.SequenceEqual(shape)))
            throw new CheckpointFormatException(source, $"tensor {name}: query, key and value differ in shape");
        shape[0] *= 3;
        return StoredTensor.FromFloats([.. three.SelectMany(t => t!.ToFloats())], shape);
    }

    private static int[] Shape(Checkpoint checkpoint, string name, int rank)
    {
        if (!checkpoint.Tensors.TryGetValue(name, out StoredTensor? tensor))
            throw new CheckpointFormatException(checkpoint.Source, $"tensor {name} is missing: no CLIP with a vision transformer");
        return tensor.Shape.Count == rank ? [.. tensor.Shape] : throw new CheckpointFormatException(
            checkpoint.Source, $"tensor {name}: shape [{string.Join(", ", tensor.Shape)}] where {rank} dimensions belong");
    }

    [GeneratedRegex(@"^(.*\.attn\.)(q|k|v)_proj\.(weight|bias)$")]
    private static partial Regex QueryKeyValue();
}
