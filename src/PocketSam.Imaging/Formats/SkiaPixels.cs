using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SkiaSharp;

namespace PocketSam.Imaging.Formats;

/// <summary>Converts rows of RGB to Skia's four bytes per pixel, whose last byte is unused.</summary>
internal static class SkiaPixels
{
    public static SKImageInfo InfoOf(RgbImage image)
        => new(image.Width, image.Height, SKColorType.Rgb888x, SKAlphaType.Opaque);

    /// <summary>Expands a row to four bytes per pixel, the fourth 255.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="y">The row, from 0.</param>
    /// <param name="row">Receives four bytes for each pixel.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(RgbImage image, int y, Span<byte> row)
    {
        ReadOnlySpan<byte> rgb = image.Pixels.AsSpan(3 * y * image.Width, 3 * image.Width);
        row = row[..(4 * image.Width)];
        int pixel = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            ref byte from = ref MemoryMarshal.GetReference(rgb);
            ref byte to = ref MemoryMarshal.GetReference(row);
            Vector128<byte> opaque = Vector128.Create(0xFF000000u).AsByte();

            // A vector loads 16 bytes, 4 more than its four pixels, so two further pixels must follow.
            for (; pixel + 6 <= image.Width; pixel += 4)
            {
                Vector128<byte> four = Vector128.LoadUnsafe(ref from, (nuint)(3 * pixel));
                four = Vector128.Shuffle(four, Vector128.Create((byte)0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8, 0, 9, 10, 11, 0));
                (four | opaque).StoreUnsafe(ref to, (nuint)(4 * pixel));
            }
        }

        for (; pixel < image.Width; pixel++)
        {
            rgb.Slice(3 * pixel, 3).CopyTo(row[(4 * pixel)..]);
            row[4 * pixel + 3] = byte.MaxValue;
        }
    }
}
