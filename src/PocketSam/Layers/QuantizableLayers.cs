namespace PocketSam.Layers;

/// <summary>Which weights of a model can be whole numbers of 8 bits.</summary>
internal static class QuantizableLayers
{
    private const string Encoder = "image_encoder.";

    /// <summary>The blocks of CLIP's image tower by the names of <c>ClipModel</c>; the text tower sees a few tokens and stays.</summary>
    private const string ClipVision = "visual.transformer.";

    /// <summary>Values of an output, below which a scale for each would cost more than it saves: those of depthwise convolutions have nine.</summary>
    private const int MinInputs = 16;

    /// <summary>
    /// Whether a tensor is stored as whole numbers: weights of linear layers and convolutions, an output channel after the other. Embeddings
    /// of tokens and positions are added and not multiplied, and stay.
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
    /// Whether products with stored numbers are computed with whole numbers: those of the image encoder, behind its first convolutions, which
    /// see pixels, and those of the blocks of CLIP's image tower.
    /// </summary>
    /// <param name="key">Key of a weight that <see cref="AreStored"/>.</param>
    public static bool AreIntegers(string key)
        => key.StartsWith(ClipVision, StringComparison.Ordinal)
            || key.StartsWith(Encoder, StringComparison.Ordinal) && !key.StartsWith(Encoder + "patch_embed.", StringComparison.Ordinal)
            && !key.StartsWith(Encoder + "high_res.", StringComparison.Ordinal);
}
