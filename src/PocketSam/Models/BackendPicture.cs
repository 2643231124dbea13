namespace PocketSam;

/// <summary>A picture as an <see cref="IEncoderBackend"/> gets it.</summary>
public sealed class BackendPicture
{
    internal BackendPicture(ReadOnlyMemory<float> pixels, int size) => (Pixels, Size) = (pixels, size);

    /// <summary>
    /// Red, green and blue planes [3, S, S], normalised by ImageNet's mean and deviation, zero beyond the picture.
    /// </summary>
    public ReadOnlyMemory<float> Pixels { get; }

    /// <summary>Side S of the input.</summary>
    public int Size { get; }

    /// <summary>
    /// For an encoder of patches (<see cref="DinoVisionTransformerConfig"/>) the picture at the size of its patches, planes
    /// [3, <see cref="PatchRows"/>, <see cref="PatchColumns"/>] normalised in the same way; else empty.
    /// </summary>
    public ReadOnlyMemory<float> Patches { get; internal init; }

    /// <summary>Rows of pixels of <see cref="Patches"/>.</summary>
    public int PatchRows { get; internal init; }

    /// <summary>Columns of pixels of <see cref="Patches"/>.</summary>
    public int PatchColumns { get; internal init; }
}
