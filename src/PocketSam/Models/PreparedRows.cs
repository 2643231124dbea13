using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// A picture as <see cref="BatchedMaskDecoder.Prepare"/> lays it out, in the layout of
/// <see cref="Kernels.Decoder.PackedImage"/>. Takes 2.5 times the memory of the embedding, beside positions that all pictures
/// share.
/// </summary>
internal sealed class PreparedRows : PreparedImage
{
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

    public override void Return()
    {
        foreach (TensorBuffer buffer in new[] { Rows, Keys, Values, Queries })
            BufferPool.Return(buffer);
        if (HighResolution is not null)
            BufferPool.Return(HighResolution);
    }
}
