namespace PocketSam.Training.Data;

/// <summary>A picture with masks of what is visible in it.</summary>
/// <param name="Image">The picture.</param>
/// <param name="Masks">
/// Masks of the picture's size: the visible pixels of a thing or of a part of one. A part is inside its whole;
/// otherwise masks of generated pictures do not overlap.
/// </param>
public sealed record TrainingPicture(RgbImage Image, IReadOnlyList<BinaryMask> Masks)
{
    /// <summary>Bytes of pixels and masks; a row of a mask takes whole 64-bit words.</summary>
    internal long Bytes => Image.Pixels.LongLength + Masks.Sum(m => (m.Width + 63L) / 64 * sizeof(ulong) * m.Height);
}
