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

    /// <summary>The model's own estimate of the mask's IoU with the object.</summary>
    public required float PredictedIou { get; init; }

    /// <summary>
    /// IoU of the masks at two thresholds of the logits, <see cref="MaskGeneratorOptions.StabilityScoreOffset"/> above and
    /// below zero.
    /// </summary>
    public required float StabilityScore { get; init; }

    /// <summary>The points that were asked at.</summary>
    public required IReadOnlyList<PromptPoint> PointCoords { get; init; }

    /// <summary>The part of the picture that was looked at.</summary>
    public required PixelBox CropBox { get; init; }

    /// <summary>The mask with its scores, to be labelled and written in any <see cref="MaskFormat"/>.</summary>
    public Annotation ToAnnotation()
        => new(Segmentation) { PredictedIou = PredictedIou, StabilityScore = StabilityScore };
}
