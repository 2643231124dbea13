using System.Buffers.Binary;
using PocketSam.Imaging.Formats;

namespace PocketSam.Imaging.Tests;

public class OrientationTests
{
    // The stored picture is   a b c
    //                         d e f   ; upright pictures by the EXIF specification, rows from the top.
    [Theory]
    [InlineData(1, "abc def")]
    [InlineData(2, "cba fed")]
    [InlineData(3, "fed cba")]
    [InlineData(4, "def abc")]
    [InlineData(5, "ad be cf")]
    [InlineData(6, "da eb fc")]
    [InlineData(7, "fc eb da")]
    [InlineData(8, "cf be ad")]
    public void Upright_FollowsTheSpecification(int orientation, string expected)
    {
        RgbImage upright = Orientation.Upright(Picture("abc def"), orientation);

        Fixture.AssertSame(Picture(expected), upright);
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(5, 1)]
    [InlineData(1, 1)]
    public void Upright_OfThinPictures_StaysInside(int width, int height)
    {
        var picture = new RgbImage(width, height);
        for (int orientation = 1; orientation <= 8; orientation++)
            Assert.Equal(3 * width * height, Orientation.Upright(picture, orientation).Pixels.Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Exif_IsReadInBothByteOrders(bool littleEndian)
    {
        for (ushort orientation = 1; orientation <= 8; orientation++)
        {
            byte[] other = Entry(littleEndian, 0x0100, 3, 7);
            byte[] entry = Entry(littleEndian, 0x0112, 3, orientation);
            byte[] block = Block(littleEndian, other, entry);

            Assert.Equal(orientation, Exif.ReadOrientation(Block(littleEndian, entry)));
            Assert.Equal(orientation, Exif.ReadOrientation([.. "Exif\0\0"u8, .. block]));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(65535)]
    public void Exif_WithAnotherValue_IsIgnored(int value)
        => Assert.Equal(1, Exif.ReadOrientation(Block(true, Entry(true, 0x0112, 3, (ushort)value))));

    [Fact]
    public void Exif_OfAnotherType_IsIgnored()
        => Assert.Equal(1, Exif.ReadOrientation(Block(true, Entry(true, 0x0112, 2, 6))));

    [Fact]
    public void Exif_CutAnywhere_IsIgnored()
    {
        byte[] block = Block(false, Entry(false, 0x0112, 3, 6));
        for (int length = 0; length < 8 + 2 + 12; length++)
            Assert.Equal(1, Exif.ReadOrientation(block.AsSpan(0, length)));
    }

    [Theory]
    [InlineData(0xFFFFFFFFu)]
    [InlineData(0x7FFFFFFFu)]
    [InlineData(25u)]
    [InlineData(24u)]
    public void Exif_WithADirectoryOutside_IsIgnored(uint offset)
    {
        byte[] block = Block(true, Entry(true, 0x0112, 3, 6));
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(4), offset);

        Assert.Equal(1, Exif.ReadOrientation(block));
    }

    [Fact]
    public void Exif_ThatPromisesTooManyEntries_IsReadAsFarAsItGoes()
    {
        byte[] block = Block(true, Entry(true, 0x0112, 3, 6));
        block[8] = block[9] = 0xFF;

        Assert.Equal(6, Exif.ReadOrientation(block));
    }

    [Fact]
    public void Jpeg_WithDamagedExif_IsReadAsStored()
    {
        byte[] jpeg = Fixture.Bytes("orientation-6.jpg");
        int at = jpeg.AsSpan().IndexOf(Exif.Prefix);
        jpeg[at + 6] = (byte)'?';

        Fixture.AssertSame(Fixture.Expected("orientation-1.jpg"), ImageFile.Decode(jpeg, "x.jpg"));
    }

    private static RgbImage Picture(string rows)
    {
        string[] lines = rows.Split(' ');
        byte[] pixels = [.. string.Concat(lines).SelectMany(c => new[] { (byte)c, (byte)(c + 50), (byte)(c + 100) })];
        return new RgbImage(lines[0].Length, lines.Length, pixels);
    }

    private static byte[] Block(bool littleEndian, params byte[][] entries) =>
    [
        .. littleEndian ? "II*\0"u8 : "MM\0*"u8,
        .. UInt32(littleEndian, 8),
        .. UInt16(littleEndian, (ushort)entries.Length),
        .. entries.SelectMany(entry => entry),
        .. UInt32(littleEndian, 0),
    ];

    private static byte[] Entry(bool littleEndian, ushort tag, ushort type, ushort value) =>
    [
        .. UInt16(littleEndian, tag),
        .. UInt16(littleEndian, type),
        .. UInt32(littleEndian, 1),
        .. UInt16(littleEndian, value),
        0,
        0,
    ];

    private static byte[] UInt16(bool littleEndian, ushort value)
        => littleEndian ? [(byte)value, (byte)(value >> 8)] : [(byte)(value >> 8), (byte)value];

    private static byte[] UInt32(bool littleEndian, uint value)
    {
        byte[] bytes = BitConverter.GetBytes(value);
        if (!littleEndian)
            Array.Reverse(bytes);
        return bytes;
    }
}
