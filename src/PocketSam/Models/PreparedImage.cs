using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// What all prompts share of a picture: computed once, by <see cref="BatchedMaskDecoder.Prepare"/>, in the layout of
/// <see cref="Kernels.Decoder.PackedImage"/>. Takes 2.5 times the memory of the embedding, beside positions that all pictures
/// share. Belongs to no tape; any number of threads may use it.
/// </summary>
internal sealed class PreparedImage
{
    /// <summary>What the encoder found in the picture, [1, side, side, FeatureChannels].</summary>
    public required Tensor Features { get; init; }

    /// <summary>Rows and columns of the embedding.</summary>
    public int Side => Features.Shape[1];

    /// <summary>Positions of the image rows.</summary>
    public required TensorBuffer Positions { get; init; }

    /// <summary>Image rows with what stands for no mask.</summary>
    public required TensorBuffer Rows { get; init; }

    /// <summary>
    /// Keys of <see cref="Rows"/> where the first layer's tokens attend to them; their bias drops out of the softmax.
    /// </summary>
    public required TensorBuffer Keys { get; init; }

    /// <summary>Their values for the same.</summary>
    public required TensorBuffer Values { get; init; }

    /// <summary>Their queries where they attend to the first layer's tokens.</summary>
    public required TensorBuffer Queries { get; init; }

    /// <summary>
    /// High-resolution features, 3 C values for each image row in the order of <see cref="DecoderFeatures"/>, or null.
    /// </summary>
    public TensorBuffer? HighResolution { get; init; }

    /// <summary>Whose it is.</summary>
    public required BatchedMaskDecoder Decoder { get; init; }

    /// <summary>State of the decoder's weights that it was computed with.</summary>
    public required int Version { get; init; }

    /// <summary>Gives the memory back; whoever does must be its only user.</summary>
    public void Return()
    {
        foreach (TensorBuffer buffer in new[] { Rows, Keys, Values, Queries })
            BufferPool.Return(buffer);
        if (HighResolution is not null)
            BufferPool.Return(HighResolution);
    }
}
