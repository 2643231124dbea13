using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace PocketSam.Imaging.Formats;

/// <summary>The chunks of a PNG: length, type, data, checksum.</summary>
internal static class PngChunks
{
    public const int SignatureLength = 8;
    public const int HeaderLength = 13;

    /// <summary>Bytes of a chunk besides its data.</summary>
    public const int Overhead = 12;

    private const byte AncillaryBit = 0x20;

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Cuts off the next chunk. False if it is not all there.</summary>
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

    /// <summary>Whether the picture cannot be shown without it.</summary>
    public static bool IsCritical(ReadOnlySpan<byte> chunk) => (Type(chunk)[0] & AncillaryBit) == 0;

    /// <summary>The first chunk, of a picture whose rows follow each other.</summary>
    /// <param name="png">The file, which holds its signature.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="bits">Bits of a sample.</param>
    /// <param name="colorType">PNG's number for how samples make up a pixel.</param>
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

    /// <summary>The rows, each after the number of its filter, as one chunk of packed data.</summary>
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
