using PocketSam.Training.Data;

namespace PocketSam.Training.Evaluation;

/// <summary>What the measures of the papers ask; each takes what concerns it.</summary>
public sealed record MeasureOptions
{
    /// <summary>The largest number of clicks.</summary>
    public const int MaxClicks = 20;

    /// <summary>Clicks in each object, 1 to <see cref="MaxClicks"/>; 9 by default.</summary>
    public int Clicks { get; init; } = 9;

    /// <summary>Where the first click goes.</summary>
    public FirstPoint FirstPoint { get; init; }

    /// <summary>Draws random first clicks.</summary>
    public ulong Seed { get; init; }

    /// <summary>Which mask counts where one prompt is asked.</summary>
    public MaskSelection Selection { get; init; }

    /// <summary>Whether a box's mask is fed back once with the box (SAM, appendix D.4).</summary>
    public bool Refines { get; init; }

    /// <summary>Points along each side of the grid that everything is looked for at, 1 to 256; null for that of the measure's paper.</summary>
    public int? PointsPerSide { get; init; }

    /// <summary>Masks of fewer pixels are passed over, at least 1; 1 (the default) for all. Not for AP and AR, whose rules look at all.</summary>
    public int MinArea { get; init; } = 1;

    /// <summary>Only the first masks, at least 1; null (the default) for all.</summary>
    public int? MaxMasks { get; init; }

    /// <summary>Only the first pictures by their order in the file, at least 1; null (the default) for all.</summary>
    public int? MaxImages { get; init; }

    /// <summary>Side of the model's input; null (the default) for the model's own.</summary>
    public int? ImageSize { get; init; }

    /// <summary>Takes pictures that cannot be used, which are left out; null (the default) ends at the first.</summary>
    public PictureFailures? Failures { get; init; }

    /// <summary>Throws where an option is out of its range.</summary>
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
