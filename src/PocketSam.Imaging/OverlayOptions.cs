namespace PocketSam.Imaging;

/// <summary>Options of <see cref="Overlay"/>: how to draw masks, and which prompts to draw.</summary>
public sealed record OverlayOptions
{
    /// <summary>Opacity of a mask's fill, 0 (invisible) to 1 (opaque). 0.45 by default.</summary>
    public double Opacity { get; init; } = 0.45;

    /// <summary>
    /// Width of mask outlines in pixels, 0 (none) to 100; lines of boxes are twice as wide. By default (null) it grows
    /// with the picture: 1 up to 1000 pixels on the longer side and one more for each further thousand.
    /// </summary>
    public int? OutlineWidth { get; init; }

    /// <summary>Prompt points, drawn over masks and boxes. None by default.</summary>
    public IReadOnlyList<PointMark> Points { get; init; } = [];

    /// <summary>Prompt boxes, drawn over masks. None by default.</summary>
    public IReadOnlyList<BoxMark> Boxes { get; init; } = [];
}
