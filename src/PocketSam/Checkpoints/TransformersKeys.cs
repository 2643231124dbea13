namespace PocketSam.Checkpoints;

/// <summary>Renames the keys of SAM in Hugging Face's transformers to SAM's own.</summary>
internal static class TransformersKeys
{
    private const string Encoder = "vision_encoder.";
    private const string Decoder = "mask_decoder.";
    private const string Prompts = "prompt_encoder.";

    private static readonly (string Theirs, string Ours)[] EncoderParts =
    [
        ("vision_encoder.", "image_encoder."), ("patch_embed.projection.", "patch_embed.proj."), (".layers.", ".blocks."),
        ("neck.conv1.", "neck.0."), ("neck.layer_norm1.", "neck.1."), ("neck.conv2.", "neck.2."), ("neck.layer_norm2.", "neck.3."),
        (".layer_norm1.", ".norm1."), (".layer_norm2.", ".norm2."),
    ];

    private static readonly (string Theirs, string Ours)[] PromptParts =
    [
        ("shared_embedding.positional_embedding", "pe_layer.positional_encoding_gaussian_matrix"),
        ("prompt_encoder.point_embed.", "prompt_encoder.point_embeddings."), ("mask_embed.conv1.", "mask_downscaling.0."),
        ("mask_embed.layer_norm1.", "mask_downscaling.1."), ("mask_embed.conv2.", "mask_downscaling.3."),
        ("mask_embed.layer_norm2.", "mask_downscaling.4."), ("mask_embed.conv3.", "mask_downscaling.6."),
    ];

    private static readonly (string Theirs, string Ours)[] DecoderParts =
    [
        ("layer_norm_final_attn.", "norm_final_attn."), (".layer_norm1.", ".norm1."), (".layer_norm2.", ".norm2."),
        (".layer_norm3.", ".norm3."), (".layer_norm4.", ".norm4."), ("upscale_conv1.", "output_upscaling.0."),
        ("upscale_layer_norm.", "output_upscaling.1."), ("upscale_conv2.", "output_upscaling.3."),
    ];

    /// <summary>The name of this key scheme for users.</summary>
    public const string Name = "transformers (SamModel)";

    /// <summary>Whether the keys are those of SAM in transformers.</summary>
    public static bool Are(IEnumerable<string> keys)
        => keys.Any(key => key.StartsWith("vision_encoder.layers.", StringComparison.Ordinal))
            && keys.Any(key => key.StartsWith(Decoder, StringComparison.Ordinal));

    /// <summary>
    /// The tensors under SAM's keys. The positional encoding is stored twice, in the model and in the prompt encoder;
    /// the prompt encoder's is preferred.
    /// </summary>
    public static Dictionary<string, StoredTensor> Rename(IReadOnlyDictionary<string, StoredTensor> tensors)
    {
        var renamed = new Dictionary<string, StoredTensor>();
        foreach ((string key, StoredTensor tensor) in tensors)
            renamed.TryAdd(Rename(key), tensor);
        if (tensors.TryGetValue("shared_image_embedding.positional_embedding", out StoredTensor? shared))
        {
            renamed.Remove("shared_image_embedding.positional_embedding");
            renamed.TryAdd("prompt_encoder.pe_layer.positional_encoding_gaussian_matrix", shared);
        }

        return renamed;
    }

    private static string Rename(string key)
    {
        if (key.StartsWith(Encoder, StringComparison.Ordinal))
            return Replace(key, EncoderParts);
        if (key.StartsWith(Prompts, StringComparison.Ordinal))
            return Replace(key, PromptParts);
        if (!key.StartsWith(Decoder, StringComparison.Ordinal))
            return key;
        bool isPerceptron = key.Contains("output_hypernetworks_mlps.") || key.Contains("iou_prediction_head.");
        return isPerceptron
            ? Replace(key, [(".layers.0.", ".layers.1."), (".proj_in.", ".layers.0."), (".proj_out.", ".layers.2.")])
            : Replace(key, DecoderParts);
    }

    private static string Replace(string key, ReadOnlySpan<(string Theirs, string Ours)> parts)
    {
        foreach ((string theirs, string ours) in parts)
            key = key.Replace(theirs, ours, StringComparison.Ordinal);
        return key;
    }
}
