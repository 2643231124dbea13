namespace PocketSam;

/// <summary>
/// A mask of a picture of which only the pixels of its box are computed, from <see cref="Sam.PredictCropped"/>.
/// </summary>
public sealed class CroppedMask
{
    private readonly int _width;
    private readonly int _height;

    /// <param name="mask">A mask of the picture's size.</param>
    internal CroppedMask(Mask mask)
    {
        (_width, _height) = (mask.Bits.Width, mask.Bits.Height);
        Bits = mask.Box.IsEmpty ? null : mask.Crop();
        (Box, Area, PredictedIou, StabilityScore) = (mask.Box, mask.Area, mask.PredictedIou, mask.StabilityScore);
    }

    /// <param name="bits">The pixels of the box; null for an empty mask.</param>
    /// <param name="box">The box in the picture.</param>
    /// <param name="geometry">The picture's geometry.</param>
    /// <param name="predictedIou">The model's own estimate, about 0 to 1.</param>
    /// <param name="stabilityScore">The stability score, 0 to 1.</param>
    internal CroppedMask(BinaryMask? bits, PixelBox box, ImageGeometry geometry, float predictedIou, float stabilityScore)
    {
        (_width, _height) = (geometry.Width, geometry.Height);
        Bits = bits;
        Box = box;
        Area = bits?.Area ?? 0;
        PredictedIou = predictedIou;
        StabilityScore = stabilityScore;
    }

    /// <summary>The pixels in <see cref="Box"/>, as from <see cref="Mask.Crop"/>; null for an empty mask.</summary>
    public BinaryMask? Bits { get; }

    /// <summary>The smallest box around the mask, in pixels of the picture; all zeros for an empty mask.</summary>
    public PixelBox Box { get; }

    /// <summary>Number of pixels.</summary>
    public int Area { get; }

    /// <summary>The model's own estimate of the mask's IoU with the object, about 0 to 1.</summary>
    public float PredictedIou { get; }

    /// <summary>Stability score, 0 to 1; see <see cref="Mask.StabilityScore"/>.</summary>
    public float StabilityScore { get; }

    /// <summary>The mask as COCO's run-length encoding, at the picture's size.</summary>
    public Rle ToRle() => Bits is null
        ? Rle.FromCounts([_width * _height], _height, _width)
        : Rle.FromCrop(Bits, Box, _width, _height);
}
