namespace PocketSam;

/// <summary>One mask of a picture of which only the pixels of its box are made: what <see cref="Sam.PredictCropped"/> gives.</summary>
public sealed class CroppedMask
{
    private readonly int _width;
    private readonly int _height;

    /// <param name="bits">The pixels of the box; null for an empty mask.</param>
    /// <param name="box">Where they lie in the picture.</param>
    /// <param name="geometry">The picture.</param>
    /// <param name="predictedIou">The model's own estimate.</param>
    /// <param name="stabilityScore">The stability score.</param>
    internal CroppedMask(BinaryMask? bits, PixelBox box, ImageGeometry geometry, float predictedIou, float stabilityScore)
    {
        (_width, _height) = (geometry.Width, geometry.Height);
        Bits = bits;
        Box = box;
        Area = bits?.Area ?? 0;
        PredictedIou = predictedIou;
        StabilityScore = stabilityScore;
    }

    /// <summary>The pixels within <see cref="Box"/>, those of <see cref="Mask.Crop"/>; null for an empty mask.</summary>
    public BinaryMask? Bits { get; }

    /// <summary>The smallest box that holds the mask; all zeros for an empty one.</summary>
    public PixelBox Box { get; }

    /// <summary>Number of pixels.</summary>
    public int Area { get; }

    /// <summary>As <see cref="Mask.PredictedIou"/>.</summary>
    public float PredictedIou { get; }

    /// <summary>As <see cref="Mask.StabilityScore"/>.</summary>
    public float StabilityScore { get; }

    /// <summary>The mask as COCO's run-length encoding, of the picture's size.</summary>
    public Rle ToRle() => Bits is null
        ? Rle.FromCounts([_width * _height], _height, _width)
        : Rle.FromCrop(Bits, Box, _width, _height);
}
