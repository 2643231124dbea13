namespace PocketSam;

/// <summary>A mask that <see cref="MaskGenerator"/> found, and how.</summary>
public sealed record GeneratedMask
{
    /// <summary>The pixels.</summary>
    public required Rle Segmentation { get; init; }

    /// <summary>Their number.</summary>
    public required int Area { get; init; }

    /// <summary>The smallest box around them.</summary>
    public required PixelBox Box { get; init; }

    /// <summary>What it shows, if somebody has said so.</summary>
    public string? Label { get; init; }

    /// <summary>The colour it is drawn in; by default one that follows from its place.</summary>
    public (byte Red, byte Green, byte Blue)? Color { get; init; }

    /// <summary>The model's own estimate of the mask's IoU with the object; NaN where there is none.</summary>
    public required float PredictedIou { get; init; }

    /// <summary>
    /// IoU of the masks at two thresholds of the logits, <see cref="MaskGeneratorOptions.StabilityScoreOffset"/> above and
    /// below zero; NaN where it is not known.
    /// </summary>
    public required float StabilityScore { get; init; }

    /// <summary>The points that were asked at.</summary>
    public required IReadOnlyList<PromptPoint> PointCoords { get; init; }

    /// <summary>The part of the picture that was looked at.</summary>
    public required PixelBox CropBox { get; init; }
}
