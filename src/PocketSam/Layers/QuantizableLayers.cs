namespace PocketSam.Layers;

/// <summary>The weights of a model that can be 8-bit integers.</summary>
internal static class QuantizableLayers
{
    private const string Encoder = "image_encoder.";

    /// <summary>
    /// The blocks of CLIP's image tower under the keys of <c>ClipModel</c>. The text tower, which processes a few
    /// tokens, keeps floats.
    /// </summary>
    private const string ClipVision = "visual.transformer.";

    /// <summary>Fewest values an output for which a scale saves memory; depthwise convolutions have nine.</summary>
    private const int MinInputs = 16;

    /// <summary>
    /// Whether a tensor is stored as integers: weights of linear layers and convolutions, one output channel after the
    /// other. Token and position embeddings, which are added and not multiplied, are not.
    /// </summary>
    /// <param name="key">Its key.</param>
    /// <param name="shape">Its dimensions in a checkpoint.</param>
    public static bool AreStored(string key, IReadOnlyList<int> shape)
        => key.EndsWith(".weight", StringComparison.Ordinal) && shape.Count is 2 or 4 && shape[0] > 1
            && shape.Skip(1).Aggregate(1L, (product, side) => product * side) >= MinInputs
            && !key.EndsWith("_token.weight", StringComparison.Ordinal) && !key.EndsWith("_tokens.weight", StringComparison.Ordinal)
            && !key.Contains("_embed.weight", StringComparison.Ordinal) && !key.Contains("embeddings.", StringComparison.Ordinal)
            && !key.EndsWith("token_embedding.weight", StringComparison.Ordinal);

    /// <summary>
    /// Whether products with stored integers are computed in integer arithmetic: those of the image encoder after its
    /// first convolutions, and those of the blocks of CLIP's image tower.
    /// </summary>
    /// <param name="key">Key of a weight that <see cref="AreStored"/>.</param>
    public static bool AreIntegers(string key)
        => key.StartsWith(ClipVision, StringComparison.Ordinal)
            || key.StartsWith(Encoder, StringComparison.Ordinal) && !key.StartsWith(Encoder + "patch_embed.", StringComparison.Ordinal)
            && !key.StartsWith(Encoder + "high_res.", StringComparison.Ordinal);
}
