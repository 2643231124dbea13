namespace PocketSam;

/// <summary>A mask found by <see cref="MaskGenerator"/> or <see cref="FastSam"/>, with its scores.</summary>
public sealed record GeneratedMask
{
    /// <summary>The pixels.</summary>
    public required Rle Segmentation { get; init; }

    /// <summary>Number of pixels.</summary>
    public required int Area { get; init; }

    /// <summary>The smallest box around the mask, in pixels of the picture.</summary>
    public required PixelBox Box { get; init; }

    /// <summary>The model's own estimate of the mask's IoU with the object, about 0 to 1.</summary>
    public required float PredictedIou { get; init; }

    /// <summary>
    /// Stability score, 0 to 1: the IoU of the masks at two thresholds of the logits,
    /// <see cref="MaskGeneratorOptions.StabilityScoreOffset"/> above and below zero.
    /// </summary>
    public required float StabilityScore { get; init; }

    /// <summary>The point of the prompt, in pixels of the picture; empty if there was none.</summary>
    public required IReadOnlyList<PromptPoint> PointCoords { get; init; }

    /// <summary>The crop in which the mask was found, in pixels of the picture.</summary>
    public required PixelBox CropBox { get; init; }

    /// <summary>
    /// The mask with its scores as an <see cref="Annotation"/>, to be labelled and written in any
    /// <see cref="MaskFormat"/>.
    /// </summary>
    public Annotation ToAnnotation()
        => new(Segmentation) { PredictedIou = PredictedIou, StabilityScore = StabilityScore };
}
