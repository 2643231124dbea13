using System.Buffers.Binary;

namespace PocketSam.Imaging.Tests;

/// <summary>BMP, GIF and ICO files built byte by byte.</summary>
public class SmallFormatTests
{
    private static readonly byte[] Colors = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160, 170, 180];

    [Fact]
    public void Bmp_OfThreeBytes_FromBelowAndFromAbove()
    {
        foreach (bool fromAbove in (bool[])[false, true])
        {
            // Rows of 9 bytes are padded to 12.
            byte[] rows = [.. Bgr(fromAbove ? 0 : 1), 0, 0, 0, .. Bgr(fromAbove ? 1 : 0), 0, 0, 0];
            Assert.Equal(Colors, Decode(Bmp(24, fromAbove ? -2 : 2, [], rows)).Pixels);
        }
    }

    [Fact]
    public void Bmp_OfFourBytes_DropsTheFourth()
    {
        byte[] rows = [.. new[] { 1, 0 }.SelectMany(y => Bgr(y).Chunk(3).SelectMany((p, x) => p.Append((byte)(x * 100))))];
        Assert.Equal(Colors, Decode(Bmp(32, 2, [], rows)).Pixels);
    }

    [Fact]
    public void Bmp_WithAPalette_GivesItsColours()
    {
        byte[] palette = [.. Bgr(0).Concat(Bgr(1)).Chunk(3).SelectMany(p => p.Append((byte)0)), .. new byte[4 * 250]];
        Assert.Equal(Colors, Decode(Bmp(8, 2, palette, [3, 4, 5, 0, 0, 1, 2, 0])).Pixels);
    }

    [Fact]
    public void CutOffBmp_IsCalledTruncated()
    {
        byte[] bmp = Bmp(24, 2, [], new byte[24]);
        for (int length = 54; length < bmp.Length - 3; length++)
            AssertRefused(bmp[..length], "truncated BMP");
    }

    [Fact]
    public void Gif_GivesItsFirstFrame_AndSaysSo()
    {
        List<string> notices = [];
        byte[] still = Gif([[0, 1, 2, 3]]), moving = Gif([[0, 1, 2, 3], [3, 2, 1, 0]]);

        Assert.Equal([1, 2, 3, 50, 60, 70, 100, 110, 120, 200, 210, 220], Decode(still, notices).Pixels);
        Assert.Empty(notices);
        Assert.Equal(Decode(still).Pixels, Decode(moving, notices).Pixels);
        Assert.Equal(["x: an animated GIF; its first frame is read"], notices);
    }

    [Fact]
    public void CutOffGif_IsRefused()
    {
        byte[] gif = Gif([[0, 1, 2, 3]]);
        for (int length = 6; length < gif.Length - 5; length++)
            AssertRefused(gif[..length], "");
    }

    [Fact]
    public void Ico_GivesItsLargestPicture()
    {
        byte[] small = ImageFile.EncodePng(new RgbImage(2, 1));
        byte[] large = ImageFile.EncodePng(new RgbImage(3, 2, [.. Colors]));
        byte[] ico =
        [
            0, 0, 1, 0, 2, 0, .. Entry(2, 1, small.Length, 38), .. Entry(3, 2, large.Length, 38 + small.Length), .. small,
            .. large,
        ];

        Assert.Equal(Colors, Decode(ico).Pixels);
        Assert.Equal((3, 2), ImageFile.ReadSize(ico, "x"));
    }

    [Fact]
    public void Limits_HoldForAll()
    {
        foreach (byte[] file in (byte[][])[Bmp(24, 2, [], new byte[24]), Gif([[0, 1, 2, 3]])])
        {
            var e = Assert.Throws<ImageFormatException>(() => ImageFile.Decode(file, "x", maxPixels: 3));
            Assert.Contains("the limit is", e.Message);
            Assert.True(ImageFile.HasSignature(file.AsSpan(0, ImageFile.SignatureLength)));
        }
    }

    [Fact]
    public void DamagedFiles_DoNoHarm()
    {
        var random = new Random(7);
        byte[][] files = [Bmp(8, 2, new byte[1024], new byte[8]), Bmp(24, 2, [], new byte[24]), Gif([[0, 1, 2, 3]])];
        foreach (byte[] whole in files)
        {
            for (int round = 0; round < 300; round++)
            {
                byte[] damaged = [.. whole];
                for (int flips = random.Next(1, 9); flips > 0; flips--)
                    damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
                if (Record.Exception(() => ImageFile.Decode(damaged, "x", 250_000)) is { } e)
                    Assert.IsType<ImageFormatException>(e);
            }
        }
    }

    private static IEnumerable<byte> Bgr(int row) => Colors.Skip(9 * row).Take(9).Chunk(3).SelectMany(p => p.Reverse());

    /// <summary>Three columns and two rows.</summary>
    private static byte[] Bmp(int bits, int height, byte[] palette, byte[] rows)
    {
        byte[] header = new byte[54];
        header[0] = (byte)'B';
        header[1] = (byte)'M';
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(2), 54 + palette.Length + rows.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(10), 54 + palette.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(18), 3);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(22), height);
        header[26] = 1;
        header[28] = (byte)bits;
        return [.. header, .. palette, .. rows];
    }

    /// <summary>Frames of 2 x 2 indices into four colours, in codes of three bits: clear, four pixels, end.</summary>
    private static byte[] Gif(byte[][] frames) =>
    [
        .. "GIF89a"u8, 2, 0, 2, 0, 0xF1, 0, 0, 1, 2, 3, 50, 60, 70, 100, 110, 120, 200, 210, 220,
        .. frames.SelectMany(pixels => (byte[])
            [0x21, 0xF9, 4, 0, 5, 0, 0, 0, 0x2C, 0, 0, 0, 0, 2, 0, 2, 0, 0, 2, .. Codes(pixels), 0]),
        0x3B,
    ];

    // The table grows to eight codes with the third pixel: the fourth one and the end have four bits.
    private static byte[] Codes(byte[] pixels)
    {
        int bits = 4 | pixels[0] << 3 | pixels[1] << 6 | pixels[2] << 9 | pixels[3] << 12 | 5 << 16;
        return [3, (byte)bits, (byte)(bits >> 8), (byte)(bits >> 16)];
    }

    private static byte[] Entry(byte width, byte height, int length, int offset)
    {
        byte[] entry = new byte[16];
        entry[0] = width;
        entry[1] = height;
        entry[4] = 1;
        entry[6] = 32;
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(8), length);
        BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(12), offset);
        return entry;
    }

    private static RgbImage Decode(byte[] file, List<string>? notices = null)
        => ImageFile.Decode(file, "x", new ImageReadOptions { Notice = notices is null ? null : notices.Add });

    private static void AssertRefused(byte[] file, string message)
        => Assert.StartsWith($"x: {message}", Assert.Throws<ImageFormatException>(() => Decode(file)).Message);
}
