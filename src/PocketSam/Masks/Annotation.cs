namespace PocketSam;

/// <summary>A mask that somebody keeps: what it shows, how it is drawn, and how sure a model was of it.</summary>
/// <param name="Segmentation">The pixels.</param>
public sealed record Annotation(Rle Segmentation)
{
    /// <summary>An annotation of a mask.</summary>
    /// <param name="mask">The pixels.</param>
    public Annotation(BinaryMask mask)
        : this(Rle.Encode(mask))
    {
    }

    /// <summary>The class of masks that nobody has said anything of.</summary>
    internal const string Unlabelled = "object";

    /// <summary>What the mask shows, if somebody has said so.</summary>
    public string? Label { get; init; }

    /// <summary>What formats that number classes call it: the label without white space around it, or <c>object</c>.</summary>
    public string ClassName => string.IsNullOrWhiteSpace(Label) ? Unlabelled : Label.Trim();

    /// <summary>The colour it is drawn in; by default one that follows from its place.</summary>
    public (byte Red, byte Green, byte Blue)? Color { get; init; }

    /// <summary>The model's own estimate of the mask's IoU with the object, about 0 to 1; null where there is none.</summary>
    public float? PredictedIou { get; init; }

    /// <summary>
    /// IoU of the masks at two thresholds of the logits, above and below zero, 0 to 1; null where it is not known.
    /// </summary>
    public float? StabilityScore { get; init; }

    /// <summary>Number of pixels.</summary>
    public int Area => Segmentation.Area;

    /// <summary>The smallest box around the pixels; all zeros for an empty mask.</summary>
    public PixelBox Box => Segmentation.Bounds;
}
