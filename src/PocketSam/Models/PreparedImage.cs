using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// What all prompts share of a picture: computed once, by <see cref="PromptDecoder.Prepare"/>. Belongs to no tape; any number
/// of threads may use it.
/// </summary>
internal abstract class PreparedImage
{
    /// <summary>What the encoder found in the picture, [1, side, side, FeatureChannels].</summary>
    public required Tensor Features { get; init; }

    /// <summary>Rows and columns of the embedding.</summary>
    public int Side => Features.Shape[1];

    /// <summary>Whose it is.</summary>
    public required PromptDecoder Decoder { get; init; }

    /// <summary>State of the decoder's weights that it was computed with.</summary>
    public required int Version { get; init; }

    /// <summary>Gives the memory back; whoever does must be its only user.</summary>
    public abstract void Return();
}
