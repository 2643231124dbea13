namespace PocketSam;

/// <summary>How the 8-bit samples of a pixel lie in memory, in the order of their addresses.</summary>
public enum PixelLayout
{
    /// <summary>Red, green, blue: three bytes.</summary>
    Rgb,

    /// <summary>Blue, green, red: three bytes (<c>Bgr24</c> of WPF, <c>Format24bppRgb</c> of GDI+, OpenCV).</summary>
    Bgr,

    /// <summary>Red, green, blue and a fourth byte that is dropped, not composited: alpha or nothing.</summary>
    Rgba,

    /// <summary>
    /// Blue, green, red and a fourth byte that is dropped, not composited (<c>Bgra32</c> of WPF,
    /// <c>Format32bppArgb</c> of GDI+, Avalonia and Skia on most systems).
    /// </summary>
    Bgra,

    /// <summary>Brightness alone: one byte.</summary>
    Gray,
}
