using System.Buffers.Binary;

namespace PocketSam.Imaging.Formats;

/// <summary>
/// Reads the orientation, the one EXIF entry that changes pixels. A damaged block counts as absent, since the picture
/// itself may be intact.
/// </summary>
internal static class Exif
{
    private const int OrientationTag = 0x0112;
    private const int TypeShort = 3;
    private const int TypeLong = 4;
    private const int EntryLength = 12;

    /// <summary>Prefix of the block in JPEG and some WebP files.</summary>
    public static ReadOnlySpan<byte> Prefix => "Exif\0\0"u8;

    /// <summary>The orientation, 1 to 8; 1 if the block has none.</summary>
    /// <param name="block">
    /// A TIFF header (byte order, 42, offset of the first directory), then directories of 12-byte entries; may begin
    /// with <see cref="Prefix"/>.
    /// </param>
    public static int ReadOrientation(ReadOnlySpan<byte> block)
    {
        if (block.StartsWith(Prefix))
            block = block[Prefix.Length..];
        bool littleEndian = block.StartsWith("II*\0"u8);
        if (block.Length < 8 || !littleEndian && !block.StartsWith("MM\0*"u8))
            return Orientation.Normal;

        uint directory = ReadUInt32(block[4..], littleEndian);
        if (directory > block.Length - 2)
            return Orientation.Normal;
        ReadOnlySpan<byte> entries = block[(int)directory..];
        int count = ReadUInt16(entries, littleEndian);
        entries = entries[2..];

        for (; count > 0 && entries.Length >= EntryLength; count--, entries = entries[EntryLength..])
        {
            if (ReadUInt16(entries, littleEndian) != OrientationTag)
                continue;
            uint value = ReadUInt16(entries[2..], littleEndian) switch
            {
                TypeShort => ReadUInt16(entries[8..], littleEndian),
                TypeLong => ReadUInt32(entries[8..], littleEndian),
                _ => 0,
            };
            return value is >= 1 and <= 8 ? (int)value : Orientation.Normal;
        }

        return Orientation.Normal;
    }

    private static ushort ReadUInt16(ReadOnlySpan<byte> bytes, bool littleEndian) => littleEndian
        ? BinaryPrimitives.ReadUInt16LittleEndian(bytes)
        : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static uint ReadUInt32(ReadOnlySpan<byte> bytes, bool littleEndian) => littleEndian
        ? BinaryPrimitives.ReadUInt32LittleEndian(bytes)
        : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
