using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using PocketSam.Segmentation;

namespace PocketSam.Imaging.Formats;

/// <summary>
/// Masks as PNG files with a palette of two, so a bit a pixel: opaque white in the mask, transparent outside. Skia's
/// encoder writes no palettes.
/// </summary>
internal static class StencilPng
{
    private const byte Palette = 3;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static byte[] Encode(BinaryMask mask)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, mask.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), mask.Height);
        header[8] = 1;
        header[9] = Palette;

        using var data = new MemoryStream();
        using (var deflate = new ZLibStream(data, CompressionLevel.Fastest, leaveOpen: true))
            WriteRows(mask, deflate);

        using var png = new MemoryStream();
        png.Write(Signature);
        WriteChunk(png, "IHDR"u8, header);
        WriteChunk(png, "PLTE"u8, [0, 0, 0, 255, 255, 255]);
        WriteChunk(png, "tRNS"u8, [0]);
        WriteChunk(png, "IDAT"u8, data.GetBuffer().AsSpan(0, (int)data.Length));
        WriteChunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    /// <summary>Each row after a byte that says that it is not filtered, eight pixels a byte, the leftmost on top.</summary>
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

    private static void WriteChunk(Stream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        png.Write(type);
        png.Write(data);
        var checksum = new Crc32();
        checksum.Append(type);
        checksum.Append(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, checksum.GetCurrentHashAsUInt32());
        png.Write(number);
    }
}
