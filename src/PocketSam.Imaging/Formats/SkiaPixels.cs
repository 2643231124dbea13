using SkiaSharp;

namespace PocketSam.Imaging.Formats;

/// <summary>Rows of pixels as Skia has them: four bytes, of which the last says nothing.</summary>
internal static class SkiaPixels
{
    public static SKImageInfo InfoOf(RgbImage image)
        => new(image.Width, image.Height, SKColorType.Rgb888x, SKAlphaType.Opaque);

    /// <summary>A row with a fourth byte of 255.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="y">The row, from 0.</param>
    /// <param name="row">Four bytes for each pixel.</param>
    public static void Expand(RgbImage image, int y, Span<byte> row)
    {
        ReadOnlySpan<byte> rgb = image.Pixels.AsSpan(3 * y * image.Width, 3 * image.Width);
        for (int from = 0, to = 0; from < rgb.Length; from += 3, to += 4)
        {
            row[to] = rgb[from];
            row[to + 1] = rgb[from + 1];
            row[to + 2] = rgb[from + 2];
            row[to + 3] = byte.MaxValue;
        }
    }
}
