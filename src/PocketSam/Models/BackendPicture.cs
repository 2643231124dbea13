namespace PocketSam;

/// <summary>The input of an <see cref="IEncoderBackend"/>: a picture.</summary>
public sealed class BackendPicture
{
    internal BackendPicture(ReadOnlyMemory<float> pixels, int size) => (Pixels, Size) = (pixels, size);

    /// <summary>
    /// Red, green and blue planes <c>[3, S, S]</c>, normalised by
    /// ImageNet's mean and standard deviation, zero beyond the picture.
    /// </summary>
    public ReadOnlyMemory<float> Pixels { get; }

    /// <summary>Side S of the input in pixels.</summary>
    public int Size { get; }

    /// <summary>
    /// For an encoder of patches (<see cref="DinoVisionTransformerConfig"/>), the picture at the size of its patches:
    /// planes <c>[3, PatchRows, PatchColumns]</c>, normalised in the same way. Otherwise empty.
    /// </summary>
    public ReadOnlyMemory<float> Patches { get; internal init; }

    /// <summary>Rows of <see cref="Patches"/> in pixels.</summary>
    public int PatchRows { get; internal init; }

    /// <summary>Columns of <see cref="Patches"/> in pixels.</summary>
    public int PatchColumns { get; internal init; }
}
