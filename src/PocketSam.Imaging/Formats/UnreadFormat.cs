namespace PocketSam.Imaging.Formats;

/// <summary>Recognises common formats that are not supported, to say what they are and how to convert them.</summary>
internal static class UnreadFormat
{
    private const int BrandOffset = 8;

    /// <summary>The message for a file of such a format; null for any other file.</summary>
    public static string? Describe(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= BrandOffset + 4 && bytes[4..].StartsWith("ftyp"u8))
        {
            ReadOnlySpan<byte> brand = bytes.Slice(BrandOffset, 4);
            if (brand.StartsWith("avi"u8))
                return "an AVIF picture, which is not read; save it as JPEG or PNG first (avifdec picture.avif picture.png)";
            if (brand.StartsWith("he"u8) || brand.SequenceEqual("mif1"u8) || brand.SequenceEqual("msf1"u8))
            {
                return "a HEIC picture, which is not read; save it as JPEG first (heif-convert photo.heic photo.jpg; an "
                    + "iPhone takes JPEGs with Settings, Camera, Formats, Most Compatible)";
            }
        }

        if (bytes.StartsWith<byte>([0xFF, 0x0A]) || bytes.StartsWith("\0\0\0\x0CJXL "u8))
            return "a JPEG XL picture, which is not read; save it as JPEG or PNG first (djxl picture.jxl picture.png)";
        if (bytes.StartsWith("II+\0"u8) || bytes.StartsWith("MM\0+"u8))
            return "a BigTIFF, which is not read; save it as a TIFF of less than 4 GB first";
        return null;
    }
}
