using System.Buffers.Binary;

namespace PocketSam.Imaging.Formats;

/// <summary>
/// Validates the first directory of a TIFF before LibTiff reads it: LibTiff allocates memory for the sizes that the
/// directory states, gigabytes even for a file of a kilobyte.
/// </summary>
internal static class TiffDirectory
{
    private const int HeaderLength = 8;
    private const int EntryLength = 12;
    private const int InlineBytes = 4;
    private const int StripByteCounts = 279;
    private const int TileByteCounts = 325;
    private const int TypeShort = 3;
    private const int TypeLong = 4;

    // Bytes of a value by its type: 1 byte, 2 ASCII, 3 short, 4 long, 5 rational, 6 to 10 the same signed (7
    // undefined), 11 float, 12 double, 13 directory.
    private static ReadOnlySpan<byte> TypeBytes => [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4];

    /// <summary>Refuses a file whose directory refers to values or data outside of the file.</summary>
    /// <exception cref="TiffException">A value or a strip would lie outside of the file.</exception>
    public static void RequireInside(ReadOnlySpan<byte> tiff)
    {
        bool isLittle = tiff.StartsWith("II"u8);
        if (tiff.Length < HeaderLength)
            throw CutOff();
        ReadOnlySpan<byte> rest = From(tiff, UInt32(tiff[4..], isLittle), 2);
        int count = UInt16(rest, isLittle);
        rest = rest[2..];
        if (rest.Length < count * EntryLength)
            throw CutOff();
        for (int i = 0; i < count; i++)
            RequireEntry(tiff, rest.Slice(i * EntryLength, EntryLength), isLittle);
    }

    private static void RequireEntry(ReadOnlySpan<byte> tiff, ReadOnlySpan<byte> entry, bool isLittle)
    {
        int tag = UInt16(entry, isLittle), type = UInt16(entry[2..], isLittle);
        uint count = UInt32(entry[4..], isLittle);
        long bytes = (long)count * (type < TypeBytes.Length ? TypeBytes[type] : 1);
        ReadOnlySpan<byte> values = bytes <= InlineBytes ? entry[8..] : From(tiff, UInt32(entry[8..], isLittle), bytes);
        if (tag is not (StripByteCounts or TileByteCounts) || type is not (TypeShort or TypeLong))
            return;
        for (int i = 0; i < count; i++)
        {
            uint length = type == TypeShort ? UInt16(values[(2 * i)..], isLittle) : UInt32(values[(4 * i)..], isLittle);
            if (length > tiff.Length)
                throw CutOff();
        }
    }

    private static ReadOnlySpan<byte> From(ReadOnlySpan<byte> tiff, uint offset, long length)
        => offset + length <= tiff.Length ? tiff[(int)offset..] : throw CutOff();

    private static ushort UInt16(ReadOnlySpan<byte> bytes, bool isLittle) => isLittle
        ? BinaryPrimitives.ReadUInt16LittleEndian(bytes)
        : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static uint UInt32(ReadOnlySpan<byte> bytes, bool isLittle) => isLittle
        ? BinaryPrimitives.ReadUInt32LittleEndian(bytes)
        : BinaryPrimitives.ReadUInt32BigEndian(bytes);

    private static TiffException CutOff() => new("what it says lies outside of the file");
}
