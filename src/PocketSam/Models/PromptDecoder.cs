using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// Prompt encoder and mask decoder for many prompts on one picture: first the predicted IoU of a batch, then only the masks
/// that are wanted.
/// </summary>
internal abstract class PromptDecoder
{
    /// <summary>Whether a prepared image is of this decoder and the model's weights as they are now.</summary>
    public abstract bool IsCurrent(PreparedImage image);

    /// <summary>Prompts of so many tokens that are decoded together on an embedding of that side.</summary>
    public abstract int PromptsAtOnce(int side, int promptTokens);

    /// <summary>Computes what all prompts on a picture's features [1, side, side, FeatureChannels] share.</summary>
    public abstract PreparedImage Prepare(Tensor features);

    /// <summary>Looks at a batch of prompts.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="tokens">Points of all prompts, the same number for each.</param>
    /// <param name="count">Number of prompts.</param>
    /// <param name="masks">Logits [P, 4 side, 4 side, 1] for all prompts, or null for none.</param>
    public abstract DecodedPrompts Decode(PreparedImage image, ReadOnlySpan<PromptToken> tokens, int count, Tensor? masks);

    /// <summary>
    /// Makes the chosen masks: logits [choices, 4 side, 4 side]. Those of a prompt follow each other, as what they share is
    /// computed once.
    /// </summary>
    public abstract Tensor Upscale(DecodedPrompts decoded, ReadOnlySpan<MaskChoice> choices);
}
