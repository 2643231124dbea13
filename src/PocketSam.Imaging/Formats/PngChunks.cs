using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace PocketSam.Imaging.Formats;

/// <summary>Reads and writes the chunks of a PNG: length, type, data, checksum.</summary>
internal static class PngChunks
{
    public const int SignatureLength = 8;
    public const int HeaderLength = 13;

    /// <summary>Bytes of a chunk in addition to its data.</summary>
    public const int Overhead = 12;

    private const byte AncillaryBit = 0x20;

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Takes the next chunk off the rest; false if it is incomplete.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> chunk)
    {
        chunk = default;
        if (rest.Length < Overhead)
            return false;
        uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        if (length > rest.Length - Overhead)
            return false;
        chunk = rest[..(Overhead + (int)length)];
        rest = rest[chunk.Length..];
        return true;
    }

    public static ReadOnlySpan<byte> Type(ReadOnlySpan<byte> chunk) => chunk.Slice(4, 4);

    public static ReadOnlySpan<byte> Data(ReadOnlySpan<byte> chunk) => chunk[8..^4];

    /// <summary>Whether a decoder must understand the chunk to show the picture.</summary>
    public static bool IsCritical(ReadOnlySpan<byte> chunk) => (Type(chunk)[0] & AncillaryBit) == 0;

    /// <summary>Writes the IHDR chunk of a picture that is not interlaced.</summary>
    /// <param name="png">The file, after its signature.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="bits">Bits per sample.</param>
    /// <param name="colorType">PNG's colour type.</param>
    public static void WriteHeader(Stream png, int width, int height, byte bits, byte colorType)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        header.Clear();
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = bits;
        header[9] = colorType;
        Write(png, "IHDR"u8, header);
    }

    /// <summary>Compresses the rows, each after its filter byte, into one IDAT chunk.</summary>
    public static void WriteData(Stream png, CompressionLevel level, Action<Stream> write)
    {
        using var data = new MemoryStream();
        using (var deflate = new ZLibStream(data, level, leaveOpen: true))
            write(deflate);
        Write(png, "IDAT"u8, data.GetBuffer().AsSpan(0, (int)data.Length));
    }

    public static void Write(Stream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
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
