using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// A picture prepared by <see cref="BatchedMaskDecoder.Prepare"/>, in the layout of
/// <see cref="Kernels.Decoder.PackedImage"/>. Takes 2.5 times the memory of the embedding, in addition to positions
/// that all pictures share.
/// </summary>
internal sealed class PreparedRows : PreparedImage
{
    /// <summary>Positions of the image rows.</summary>
    public required TensorBuffer Positions { get; init; }

    /// <summary>Image rows plus the no-mask embedding.</summary>
    public required TensorBuffer Rows { get; init; }

    /// <summary>
    /// Keys of <see cref="Rows"/> for the first layer's attention of
    /// tokens to the image; their bias cancels in the softmax.
    /// </summary>
    public required TensorBuffer Keys { get; init; }

    /// <summary>Values of <see cref="Rows"/> for the same attention.</summary>
    public required TensorBuffer Values { get; init; }

    /// <summary>Queries of <see cref="Rows"/> for their attention to the first layer's tokens.</summary>
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
