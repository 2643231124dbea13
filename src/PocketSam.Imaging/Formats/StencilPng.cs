using System.IO.Compression;

namespace PocketSam.Imaging.Formats;

/// <summary>
/// Encodes masks as PNG files with a palette of two colours, one bit per pixel: opaque white inside the mask,
/// transparent outside. Skia's encoder does not write palettes.
/// </summary>
internal static class StencilPng
{
    private const byte Palette = 3;

    public static byte[] Encode(BinaryMask mask)
    {
        using var png = new MemoryStream();
        png.Write(PngChunks.Signature);
        PngChunks.WriteHeader(png, mask.Width, mask.Height, bits: 1, Palette);
        PngChunks.Write(png, "PLTE"u8, [0, 0, 0, 255, 255, 255]);
        PngChunks.Write(png, "tRNS"u8, [0]);
        PngChunks.WriteData(png, CompressionLevel.Fastest, rows => WriteRows(mask, rows));
        PngChunks.Write(png, "IEND"u8, []);
        return png.ToArray();
    }

    /// <summary>
    /// Writes each row after a filter byte of 0, eight pixels to a byte, the leftmost in the highest bit.
    /// </summary>
    private static void WriteRows(BinaryMask mask, Stream target)
    {
        byte[] row = new byte[1 + (mask.Width + 7) / 8];
        for (int y = 0; y < mask.Height; y++)
        {
            row.AsSpan().Clear();
            for (int x = mask.NextSet(y, 0); x < mask.Width; x = mask.NextSet(y, x + 1))
                row[1 + (x >> 3)] |= (byte)(0x80 >> (x & 7));
            target.Write(row);
        }
    }
}
