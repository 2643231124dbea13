namespace PocketSam;

/// <summary>A mask with its label, its colour and the scores of the model.</summary>
/// <param name="Segmentation">The pixels.</param>
public sealed record Annotation(Rle Segmentation)
{
    /// <summary>An annotation of a mask.</summary>
    /// <param name="mask">The pixels.</param>
    public Annotation(BinaryMask mask)
        : this(Rle.Encode(mask))
    {
    }

    /// <summary>The class of masks without a label.</summary>
    internal const string Unlabelled = "object";

    /// <summary>What the mask shows; null if unknown.</summary>
    public string? Label { get; init; }

    /// <summary>
    /// The class name in formats that number classes: the label without surrounding white space, or <c>object</c>.
    /// </summary>
    public string ClassName => string.IsNullOrWhiteSpace(Label) ? Unlabelled : Label.Trim();

    /// <summary>The colour to draw it in; null for the colour of its index (<see cref="MaskColors.Of"/>).</summary>
    public (byte Red, byte Green, byte Blue)? Color { get; init; }

    /// <summary>The model's own estimate of the mask's IoU with the object, about 0 to 1; null if unknown.</summary>
    public float? PredictedIou { get; init; }

    /// <summary>
    /// IoU of the masks at two thresholds of the logits, above and below zero, 0 to 1; null if unknown.
    /// </summary>
    public float? StabilityScore { get; init; }

    /// <summary>Number of pixels.</summary>
    public int Area => Segmentation.Area;

    /// <summary>The smallest box around the pixels; all zeros for an empty mask.</summary>
    public PixelBox Box => Segmentation.Bounds;
}
