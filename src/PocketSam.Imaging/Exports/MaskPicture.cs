using PocketSam.Imaging.Formats;

namespace PocketSam.Imaging.Exports;

/// <summary>Encodes masks as PNG files in memory.</summary>
public static class MaskPicture
{
    private const int RgbaChannels = 4;

    /// <summary>Encodes a mask as an 8-bit greyscale PNG of the picture's size: 255 inside, 0 outside.</summary>
    /// <exception cref="MissingLibraryException">SkiaSharp's native library is missing.</exception>
    public static ReadOnlyMemory<byte> Encode(Rle mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return SkiaEncoder.EncodePng(mask.ToMask(), "mask");
    }

    /// <summary>
    /// Encodes a mask as a small PNG to lay over the picture: one bit per pixel, opaque white inside and transparent
    /// outside.
    /// </summary>
    /// <param name="mask">The mask, or its crop to a box.</param>
    public static ReadOnlyMemory<byte> EncodeStencil(BinaryMask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return StencilPng.Encode(mask);
    }

    /// <summary>
    /// Encodes the part of the photo in the mask's box as an RGBA PNG: opaque inside the mask; outside transparent
    /// black, so nothing else of the photo is in the file.
    /// </summary>
    /// <param name="mask">The mask.</param>
    /// <param name="photo">The picture that the mask belongs to, of the same size.</param>
    /// <exception cref="ArgumentException">The mask is empty, or the photo has another size.</exception>
    /// <exception cref="MissingLibraryException">SkiaSharp's native library is missing.</exception>
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
