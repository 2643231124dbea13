using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// Prompt encoder and mask decoder for many prompts on one picture: <see cref="Decode"/> predicts the IoU for a batch,
/// then <see cref="Upscale"/> makes only the wanted masks.
/// </summary>
internal abstract class PromptDecoder
{
    /// <summary>Whether this decoder prepared the image with the model's present weights.</summary>
    public abstract bool IsCurrent(PreparedImage image);

    /// <summary>
    /// Number of prompts of <paramref name="promptTokens"/> tokens that are decoded together on an embedding of
    /// <paramref name="side"/> rows.
    /// </summary>
    public abstract int PromptsAtOnce(int side, int promptTokens);

    /// <summary>Computes what all prompts on a picture's features [1, side, side, FeatureChannels] share.</summary>
    public abstract PreparedImage Prepare(Tensor features);

    /// <summary>Decodes a batch of prompts.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="tokens">Points of all prompts, the same number for each.</param>
    /// <param name="count">Number of prompts.</param>
    /// <param name="masks">Logits of mask prompts, [P, 4 side, 4 side, 1], for all prompts, or null for none.</param>
    public abstract DecodedPrompts Decode(PreparedImage image, ReadOnlySpan<PromptToken> tokens, int count, Tensor? masks);

    /// <summary>
    /// Makes the chosen masks: logits [choices, 4 side, 4 side]. Choices of one prompt are computed together if they
    /// are consecutive.
    /// </summary>
    public abstract Tensor Upscale(DecodedPrompts decoded, ReadOnlySpan<MaskChoice> choices);
}
