using PocketSam.Imaging.Formats;
using SkiaSharp;

namespace PocketSam.Imaging;

/// <summary>
/// Converts pictures to and from SkiaSharp, and so for frameworks that draw with it: MAUI, Avalonia, Uno.
/// </summary>
public static class SkiaConversions
{
    /// <summary>
    /// Copies a bitmap's colours; alpha is dropped without compositing, and no colour profile is applied.
    /// </summary>
    /// <param name="bitmap">A bitmap of any colour type.</param>
    /// <exception cref="ArgumentException">The bitmap has no pixels, or they cannot be converted.</exception>
    public static RgbImage ToRgbImage(this SKBitmap bitmap)
    {
        ArgumentNullException.ThrowIfNull(bitmap);
        using SKPixmap? pixels = bitmap.PeekPixels();
        return pixels is null
            ? throw new ArgumentException("a bitmap without pixels", nameof(bitmap))
            : Copy(pixels.Info, (info, row, y) => pixels.ReadPixels(info, row, info.RowBytes, 0, y));
    }

    /// <summary>
    /// Copies an image's colours; alpha is dropped without compositing, and no colour profile is applied.
    /// </summary>
    /// <param name="image">An image of any colour type; one on the GPU is read back.</param>
    /// <exception cref="ArgumentException">The image is empty or cannot be read back.</exception>
    public static RgbImage ToRgbImage(this SKImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Copy(image.Info, (info, row, y) => image.ReadPixels(info, row, info.RowBytes, 0, y));
    }

    /// <summary>Copies a picture to a bitmap. The caller disposes of it.</summary>
    /// <param name="image">The picture.</param>
    /// <exception cref="MissingLibraryException">SkiaSharp's native library is missing.</exception>
    public static SKBitmap ToSKBitmap(this RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        SkiaLibrary.Require();
        var bitmap = new SKBitmap(SkiaPixels.InfoOf(image));
        Span<byte> pixels = bitmap.GetPixelSpan();
        for (int y = 0; y < image.Height; y++)
            SkiaPixels.Expand(image, y, pixels.Slice(y * bitmap.RowBytes, 4 * image.Width));
        return bitmap;
    }

    /// <summary>Copies a picture to an immutable image. The caller disposes of it.</summary>
    /// <param name="image">The picture.</param>
    /// <exception cref="MissingLibraryException">SkiaSharp's native library is missing.</exception>
    public static SKImage ToSKImage(this RgbImage image)
    {
        using SKBitmap bitmap = image.ToSKBitmap();
        bitmap.SetImmutable();
        return SKImage.FromBitmap(bitmap);
    }

    private static unsafe RgbImage Copy(SKImageInfo from, Func<SKImageInfo, nint, int, bool> read)
    {
        if (from.Width < 1 || from.Height < 1)
            throw new ArgumentException("a picture without pixels");

        // The colour space of the source, so that Skia converts nothing.
        var row = new SKImageInfo(from.Width, 1, SKColorType.Rgba8888, SKAlphaType.Unpremul, from.ColorSpace);
        var image = new RgbImage(from.Width, from.Height);
        byte[] pixels = new byte[row.BytesSize];
        for (int y = 0; y < image.Height; y++)
        {
            bool isRead;
            fixed (byte* target = pixels)
                isRead = read(row, (nint)target, y);
            if (!isRead)
                throw new ArgumentException($"a picture of {from.ColorType} that cannot be read");
            image.SetRows(y, 1, pixels, PixelLayout.Rgba);
        }

        return image;
    }
}
