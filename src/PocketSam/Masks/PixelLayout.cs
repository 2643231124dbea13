namespace PocketSam;

/// <summary>The order of the 8-bit samples of a pixel in memory, by ascending address.</summary>
public enum PixelLayout
{
    /// <summary>Red, green, blue: three bytes.</summary>
    Rgb,

    /// <summary>Blue, green, red: three bytes (<c>Bgr24</c> of WPF, <c>Format24bppRgb</c> of GDI+, OpenCV).</summary>
    Bgr,

    /// <summary>Red, green, blue and a fourth byte (alpha or padding) that is dropped, not composited.</summary>
    Rgba,

    /// <summary>
    /// Blue, green, red and a fourth byte that is dropped, not composited (<c>Bgra32</c> of WPF,
    /// <c>Format32bppArgb</c> of GDI+, Avalonia and Skia on most systems).
    /// </summary>
    Bgra,

    /// <summary>Brightness: one byte.</summary>
    Gray,
}
