namespace PocketSam.Training.Data;

/// <summary>A picture with the masks of what can be seen in it.</summary>
/// <param name="Image">The picture.</param>
/// <param name="Masks">
/// Masks of the picture's size: the visible pixels of a thing or of a part of one. A part lies inside its whole; apart
/// from that, masks made by <see cref="Scenes.SceneGenerator"/> do not overlap.
/// </param>
public sealed record TrainingPicture(RgbImage Image, IReadOnlyList<BinaryMask> Masks)
{
    /// <summary>Memory of pixels and masks; a row of a mask takes whole 64-bit words.</summary>
    internal long Bytes => Image.Pixels.LongLength + Masks.Sum(m => (m.Width + 63L) / 64 * sizeof(ulong) * m.Height);
}
