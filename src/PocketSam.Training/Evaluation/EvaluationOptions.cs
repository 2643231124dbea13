using PocketSam.Training.Data;

namespace PocketSam.Training.Evaluation;

/// <summary>The options of an <see cref="Evaluator"/>.</summary>
public sealed record EvaluationOptions
{
    /// <summary>The protocols, each at most once; by default <c>box,1-click,1-click-multi,3-click</c>.</summary>
    public IReadOnlyList<EvaluationProtocol> Protocols { get; init; } =
        [EvaluationProtocol.Box, EvaluationProtocol.Clicks(1), EvaluationProtocol.OneClickMulti, EvaluationProtocol.Clicks(3)];

    /// <summary>
    /// The smallest area of a mask, in pixels at the size that the data set states, at least 1; smaller masks are
    /// skipped. 1024 by default.
    /// </summary>
    public int MinArea { get; init; } = 1024;

    /// <summary>
    /// The number of masks to measure, the first of the data set; at least 1. Null (the default) for all.
    /// </summary>
    public int? MaxMasks { get; init; }

    /// <summary>
    /// Side of the model's input in pixels, a multiple of 64 (of 16 for DINOv2's encoder) from 64 to 4096; null (the
    /// default) for the model's own.
    /// </summary>
    public int? ImageSize { get; init; }

    /// <summary>
    /// Whether each answer is that of a closer look (<see cref="Sam.PredictZoomed(RgbImage, ImageEmbedding, Prompt, bool?, CancellationToken)"/>);
    /// false by default.
    /// </summary>
    public bool Zooms { get; init; }

    /// <summary>
    /// Whether to measure everything mode too, in both modes of <see cref="MaskGenerator"/>; false by default.
    /// </summary>
    public bool FindsEverything { get; init; }

    /// <summary>
    /// Collects pictures that cannot be used, which are left out; null (the default) to fail at the first.
    /// </summary>
    public PictureFailures? Failures { get; init; }

    /// <summary>Throws if an option is out of range.</summary>
    internal void Validate()
    {
        if (Protocols.Count == 0 || Protocols.Distinct().Count() != Protocols.Count)
            throw new ArgumentException("an evaluation needs protocols, each at most once");
        ArgumentOutOfRangeException.ThrowIfLessThan(MinArea, 1);
        if (MaxMasks is { } masks)
            ArgumentOutOfRangeException.ThrowIfLessThan(masks, 1, nameof(MaxMasks));
        if (ImageSize is { } size)
            SamConfig.ValidateImageSize(size);
    }
}
