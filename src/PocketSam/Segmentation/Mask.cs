namespace PocketSam;

/// <summary>One mask of a <see cref="Prediction"/>, at the size of the picture.</summary>
public sealed class Mask
{
    internal Mask(BinaryMask bits, float predictedIou, float stabilityScore, MaskLogits logits)
    {
        Bits = bits;
        Area = bits.Area;
        Box = bits.Bounds;
        PredictedIou = predictedIou;
        StabilityScore = stabilityScore;
        Logits = logits;
    }

    /// <summary>The pixels: those whose logit, interpolated to the picture's size, is above zero.</summary>
    public BinaryMask Bits { get; }

    /// <summary>The smallest box around the mask, in pixels; all zeros for an empty mask.</summary>
    public PixelBox Box { get; }

    /// <summary>Number of pixels.</summary>
    public int Area { get; }

    /// <summary>The model's own estimate of the mask's IoU with the object, about 0 to 1.</summary>
    public float PredictedIou { get; }

    /// <summary>
    /// How little the mask depends on the threshold of its logits: the IoU of the masks at +1 and -1, 0 to 1, as in
    /// SAM's automatic mask generator; 0 if both are empty.
    /// </summary>
    public float StabilityScore { get; }

    /// <summary>The low-resolution logits, which a further prompt can refine.</summary>
    public MaskLogits Logits { get; }

    /// <summary>The mask as COCO's run-length encoding.</summary>
    public Rle ToRle() => Rle.Encode(Bits);

    /// <summary>Intersection over union with another mask of the same picture, 0 to 1; 0 if both are empty.</summary>
    /// <exception cref="ArgumentException">The masks differ in size.</exception>
    public double Iou(Mask other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Bits.Iou(other.Bits);
    }

    /// <summary>The pixels in <see cref="Box"/>.</summary>
    /// <exception cref="InvalidOperationException">The mask is empty.</exception>
    public BinaryMask Crop()
        => Box.IsEmpty ? throw new InvalidOperationException("an empty mask has no box to crop to") : Bits.Crop(Box);

    /// <summary>
    /// Removes small holes and islands, see <see cref="Rle.RemoveSmallRegions"/>; scores and logits are kept. Returns
    /// this mask if nothing changes.
    /// </summary>
    /// <param name="share">Fraction of the mask's area, 0 to 1; 0 changes nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is not between 0 and 1.</exception>
    public Mask RemoveSmallRegions(double share)
    {
        Rle runs = ToRle(), cleaned = runs.RemoveSmallRegions(share);
        return ReferenceEquals(cleaned, runs) ? this : new Mask(cleaned.ToMask(), PredictedIou, StabilityScore, Logits);
    }

    /// <summary>The borders of the mask's parts; see <see cref="BinaryMask.ToPolygons(double)"/>.</summary>
    /// <param name="tolerance">Distance in pixels from the simplified border within which a corner may be left out; 0
    /// keeps every corner.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tolerance is negative or not finite.</exception>
    public IReadOnlyList<MaskPolygon> ToPolygons(double tolerance = 1) => Bits.ToPolygons(tolerance);
}
