using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace PocketSam.Imaging.Tests;

/// <summary>Writes PNG files chunk by chunk: every sample is known, and every field can be wrong.</summary>
internal sealed class PngBuilder
{
    public const int Gray = 0;
    public const int Rgb = 2;
    public const int Palette = 3;
    public const int GrayAlpha = 4;
    public const int Rgba = 6;

    private readonly MemoryStream _file = new();

    public PngBuilder(uint width, uint height, int bitDepth, int colorType, int interlace = 0)
    {
        _file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteUInt32BigEndian(header, width);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), height);
        header[8] = (byte)bitDepth;
        header[9] = (byte)colorType;
        header[12] = (byte)interlace;
        Chunk("IHDR", header);
    }

    public PngBuilder Chunk(string type, params byte[] data)
    {
        byte[] typed = [.. Encoding.ASCII.GetBytes(type), .. data];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(number, (uint)data.Length);
        _file.Write(number);
        _file.Write(typed);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(typed));
        _file.Write(number);
        return this;
    }

    /// <summary>The data chunk: rows as they are stored, each after filter type 0.</summary>
    public PngBuilder Rows(params byte[][] rows)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            foreach (byte[] row in rows)
            {
                zlib.WriteByte(0);
                zlib.Write(row);
            }
        }

        return Chunk("IDAT", packed.ToArray());
    }

    public byte[] End()
    {
        Chunk("IEND");
        return _file.ToArray();
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
        }

        return ~crc;
    }
}
