using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// What all prompts on a picture share, computed once by <see cref="PromptDecoder.Prepare"/>. Belongs to no tape and is
/// safe for concurrent use.
/// </summary>
internal abstract class PreparedImage
{
    /// <summary>The encoder's features, [1, side, side, FeatureChannels].</summary>
    public required Tensor Features { get; init; }

    /// <summary>Rows and columns of the embedding.</summary>
    public int Side => Features.Shape[1];

    /// <summary>The decoder that made it.</summary>
    public required PromptDecoder Decoder { get; init; }

    /// <summary>Version of the decoder's weights that it was computed with.</summary>
    public required int Version { get; init; }

    /// <summary>Returns the memory; the caller must be the only user.</summary>
    public abstract void Return();
}
