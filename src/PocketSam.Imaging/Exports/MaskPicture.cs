using PocketSam.Imaging.Formats;

namespace PocketSam.Imaging.Exports;

/// <summary>Masks as PNG files in memory.</summary>
public static class MaskPicture
{
    private const int RgbaChannels = 4;

    /// <summary>The mask as an 8-bit greyscale PNG of the picture's size: 255 inside, 0 outside.</summary>
    /// <exception cref="MissingLibraryException">The native part of SkiaSharp is missing.</exception>
    public static ReadOnlyMemory<byte> Encode(Rle mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return SkiaEncoder.EncodePng(mask.ToMask(), "mask");
    }

    /// <summary>
    /// A mask as a small PNG to lay over the picture: a bit a pixel, opaque white inside and transparent outside.
    /// </summary>
    /// <param name="mask">The mask, or the part of it within a box.</param>
    public static ReadOnlyMemory<byte> EncodeStencil(BinaryMask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return StencilPng.Encode(mask);
    }

    /// <summary>
    /// The part of the photo in the mask's box as an RGBA PNG: opaque inside the mask; outside transparent and black, so
    /// nothing of the photo is left there.
    /// </summary>
    /// <param name="mask">The mask.</param>
    /// <param name="photo">The picture it is of.</param>
    /// <exception cref="ArgumentException">The mask is empty, or the photo is of another size.</exception>
    /// <exception cref="MissingLibraryException">The native part of SkiaSharp is missing.</exception>
    public static ReadOnlyMemory<byte> EncodeCutout(Rle mask, RgbImage photo)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(photo);
        if (photo.Width != mask.Width || photo.Height != mask.Height)
        {
            throw new ArgumentException(
                $"a photo of {photo.Width}x{photo.Height} where the mask is of {mask.Width}x{mask.Height}", nameof(photo));
        }

        PixelBox box = mask.Bounds;
        if (box.IsEmpty)
            throw new ArgumentException("an empty mask has nothing to cut out", nameof(mask));
        BinaryMask inside = mask.Crop(box);
        byte[] pixels = new byte[checked(RgbaChannels * box.Width * box.Height)];
        for (int y = 0; y < box.Height; y++)
        {
            for (int x = inside.NextSet(y, 0); x < box.Width; x = inside.NextSet(y, x + 1))
            {
                Span<byte> pixel = pixels.AsSpan(RgbaChannels * (y * box.Width + x), RgbaChannels);
                photo.Pixels.AsSpan(3 * ((box.Y + y) * photo.Width + box.X + x), 3).CopyTo(pixel);
                pixel[3] = byte.MaxValue;
            }
        }

        return SkiaEncoder.EncodePng(box.Width, box.Height, pixels, "cutout");
    }
}
