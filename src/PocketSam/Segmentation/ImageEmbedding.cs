using PocketSam.Models;
using PocketSam.Tensors;

namespace PocketSam.Segmentation;

/// <summary>
/// What the image encoder found in a picture: computed once by <see cref="Sam.Encode"/>, used for any number of
/// prompts, by any number of threads.
/// </summary>
public sealed class ImageEmbedding : IDisposable
{
    private volatile Tensor? _tensor;

    /// <summary>Takes values <c>[1, side, side, C]</c> that belong to no tape.</summary>
    internal ImageEmbedding(ImageGeometry geometry, Tensor tensor)
    {
        Geometry = geometry;
        _tensor = tensor;
        Channels = tensor.Channels;
        Upsampler = new MaskUpsampler(geometry);
    }

    /// <summary>How the picture lies in the model's input.</summary>
    public ImageGeometry Geometry { get; }

    /// <summary>Rows and columns of the embedding, padding included.</summary>
    public int Side => Geometry.InputSize / SamConfig.EmbeddingStride;

    /// <summary>Values at each place of the embedding.</summary>
    public int Channels { get; }

    /// <summary>The values.</summary>
    /// <exception cref="ObjectDisposedException">They were let go.</exception>
    internal Tensor Tensor => _tensor ?? throw new ObjectDisposedException(nameof(ImageEmbedding));

    /// <summary>Takes mask logits to the picture's size.</summary>
    internal MaskUpsampler Upsampler { get; }

    /// <summary>Lets the values go; calls that are running finish.</summary>
    public void Dispose() => _tensor = null;
}
