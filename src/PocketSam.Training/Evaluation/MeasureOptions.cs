using PocketSam.Training.Data;

namespace PocketSam.Training.Evaluation;

/// <summary>The options of the measures from papers; each measure uses those that concern it.</summary>
public sealed record MeasureOptions
{
    /// <summary>The largest number of clicks.</summary>
    public const int MaxClicks = 20;

    /// <summary>Number of clicks per object, 1 to <see cref="MaxClicks"/>; 9 by default.</summary>
    public int Clicks { get; init; } = 9;

    /// <summary>The position of the first click.</summary>
    public FirstPoint FirstPoint { get; init; }

    /// <summary>The seed of random first clicks.</summary>
    public ulong Seed { get; init; }

    /// <summary>Which mask is measured for a single prompt.</summary>
    public MaskSelection Selection { get; init; }

    /// <summary>Whether the mask of a box is fed back once, together with the box (SAM, appendix D.4).</summary>
    public bool Refines { get; init; }

    /// <summary>
    /// Points per side of the grid of everything mode, 1 to 256; null for the grid of the measure's paper.
    /// </summary>
    public int? PointsPerSide { get; init; }

    /// <summary>
    /// The smallest area of a mask in pixels, at least 1 (the default); smaller masks are skipped. AP and AR ignore it,
    /// because their rules use all masks.
    /// </summary>
    public int MinArea { get; init; } = 1;

    /// <summary>
    /// The number of masks to measure, the first of the data set; at least 1. Null (the default) for all.
    /// </summary>
    public int? MaxMasks { get; init; }

    /// <summary>
    /// The number of pictures to measure, the first of the file; at least 1. Null (the default) for all.
    /// </summary>
    public int? MaxImages { get; init; }

    /// <summary>Side of the model's input, in pixels; null (the default) for the model's own.</summary>
    public int? ImageSize { get; init; }

    /// <summary>
    /// Collects pictures that cannot be used, which are left out; null (the default) to fail at the first.
    /// </summary>
    public PictureFailures? Failures { get; init; }

    /// <summary>Throws if an option is out of range.</summary>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Clicks, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Clicks, MaxClicks);
        ArgumentOutOfRangeException.ThrowIfLessThan(MinArea, 1);
        if (MaxMasks is { } masks)
            ArgumentOutOfRangeException.ThrowIfLessThan(masks, 1, nameof(MaxMasks));
        if (MaxImages is { } images)
            ArgumentOutOfRangeException.ThrowIfLessThan(images, 1, nameof(MaxImages));
        if (ImageSize is { } size)
            SamConfig.ValidateImageSize(size);
    }
}
