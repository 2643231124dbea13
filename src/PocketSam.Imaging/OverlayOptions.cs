namespace PocketSam.Imaging;

/// <summary>How <see cref="Overlay"/> draws, and what besides masks.</summary>
public sealed record OverlayOptions
{
    /// <summary>How much of a mask's colour covers the photo: 0 (none) to 1 (all). 0.45 by default.</summary>
    public double Opacity { get; init; } = 0.45;

    /// <summary>
    /// Width in pixels of mask outlines, 0 (none) to 100; lines of boxes are twice as wide. By default (null) it grows
    /// with the picture: 1 up to 1000 pixels on the longer side and one more for each further thousand.
    /// </summary>
    public int? OutlineWidth { get; init; }

    /// <summary>Prompt points, drawn over masks and boxes. None by default.</summary>
    public IReadOnlyList<PointMark> Points { get; init; } = [];

    /// <summary>Prompt boxes, drawn over masks. None by default.</summary>
    public IReadOnlyList<BoxMark> Boxes { get; init; } = [];
}
