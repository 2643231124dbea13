using System.Buffers.Binary;

namespace PocketSam.Imaging.Tests;

/// <summary>PNG kinds built sample by sample.</summary>
public class PngDecoderTests
{
    // Every sample that falls next to a rounding edge of v / 257, and the ends.
    private static readonly ushort[] Samples16 = [.. Enumerable.Range(0, 256)
        .SelectMany(i => new[] { 257 * i, 257 * i - 129, 257 * i - 128 })
        .Select(v => (ushort)Math.Max(v, 0))];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Gray_OfFewBits_IsSpreadOverTheWholeRange(int bits)
    {
        int levels = 1 << bits;
        int perByte = 8 / bits;
        byte[] row = new byte[(levels + perByte - 1) / perByte];
        for (int v = 0; v < levels; v++)
            row[v / perByte] |= (byte)(v << (8 - bits - v % perByte * bits));

        RgbImage image = Decode(new PngBuilder((uint)levels, 1, bits, PngBuilder.Gray).Rows(row));

        IEnumerable<byte> expected = Enumerable.Range(0, levels).SelectMany(v => Grey((byte)(v * 255 / (levels - 1))));
        Assert.Equal(expected, image.Pixels);
    }

    [Fact]
    public void SixteenBitGray_IsRoundedToTheNearest()
    {
        uint width = (uint)Samples16.Length;

        RgbImage image = Decode(new PngBuilder(width, 1, 16, PngBuilder.Gray).Rows(BigEndian(Samples16)));

        Assert.Equal(Samples16.SelectMany(v => Grey(Rounded(v))), image.Pixels);
    }

    [Theory]
    [InlineData(PngBuilder.Rgb, 3)]
    [InlineData(PngBuilder.Rgba, 4)]
    [InlineData(PngBuilder.GrayAlpha, 2)]
    public void SixteenBitColor_IsRoundedToTheNearest(int colorType, int channels)
    {
        ushort[] samples = Samples16[..(Samples16.Length / 12 * 12)];
        uint width = (uint)(samples.Length / channels);

        RgbImage image = Decode(new PngBuilder(width, 1, 16, colorType).Rows(BigEndian(samples)));

        IEnumerable<byte> expected = samples.Select(Rounded).Chunk(channels)
            .SelectMany(pixel => channels == 2 ? Grey(pixel[0]) : pixel[..3]);
        Assert.Equal(expected, image.Pixels);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    public void GammaAndProfileChunks_ChangeNothing(int bits)
    {
        byte[] row = bits == 8 ? [0, 10, 100, 128, 200, 255] : [0, 0, 10, 10, 100, 100, 128, 128, 200, 200, 255, 255];
        byte[] linear = [0, 1, 0x86, 0xA0];

        RgbImage image = Decode(new PngBuilder(2, 1, bits, PngBuilder.Rgb)
            .Chunk("gAMA", linear)
            .Chunk("sBIT", 5, 6, 5)
            .Chunk("bKGD", 0, 9, 0, 9, 0, 9)
            .Rows(row));

        Assert.Equal([0, 10, 100, 128, 200, 255], image.Pixels);
    }

    [Fact]
    public void Alpha_IsDroppedNotComposited()
    {
        RgbImage image = Decode(new PngBuilder(3, 1, 8, PngBuilder.Rgba)
            .Rows([10, 20, 30, 0, 40, 50, 60, 128, 70, 80, 90, 255]));

        Assert.Equal([10, 20, 30, 40, 50, 60, 70, 80, 90], image.Pixels);
    }

    [Fact]
    public void GrayAlpha_IsDroppedNotComposited()
    {
        RgbImage image = Decode(new PngBuilder(3, 1, 8, PngBuilder.GrayAlpha).Rows([10, 0, 40, 128, 70, 255]));

        Assert.Equal([10, 10, 10, 40, 40, 40, 70, 70, 70], image.Pixels);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Palette_WithTransparentEntries_GivesItsColours(int bits)
    {
        byte[] row = new byte[bits == 8 ? 2 : 1];
        row[^1] |= (byte)(1 << (bits == 8 ? 0 : 8 - 2 * bits));

        RgbImage image = Decode(new PngBuilder(2, 1, bits, PngBuilder.Palette)
            .Chunk("PLTE", 1, 2, 3, 200, 100, 50)
            .Chunk("tRNS", 0, 77)
            .Rows(row));

        Assert.Equal([1, 2, 3, 200, 100, 50], image.Pixels);
    }

    [Fact]
    public void TransparentColour_IsKept()
    {
        RgbImage image = Decode(new PngBuilder(2, 1, 8, PngBuilder.Rgb)
            .Chunk("tRNS", 0, 10, 0, 20, 0, 30)
            .Rows([10, 20, 30, 40, 50, 60]));

        Assert.Equal([10, 20, 30, 40, 50, 60], image.Pixels);
    }

    [Fact]
    public void OnePixel_Works()
        => Assert.Equal([9, 8, 7], Decode(new PngBuilder(1, 1, 8, PngBuilder.Rgb).Rows([9, 8, 7])).Pixels);

    [Fact]
    public void UnknownCriticalChunk_IsRefused()
    {
        byte[] png = new PngBuilder(1, 1, 8, PngBuilder.Rgb).Chunk("WHAT", 1, 2).Rows([9, 8, 7]).End();

        var e = Assert.Throws<ImageFormatException>(() => ImageFile.Decode(png, "x.png"));
        Assert.StartsWith("x.png: damaged PNG (", e.Message);
    }

    [Fact]
    public void Palette_ThatIsMissing_IsRefused()
        => Assert.Throws<ImageFormatException>(() => Decode(new PngBuilder(2, 1, 8, PngBuilder.Palette).Rows([0, 1])));

    private static RgbImage Decode(PngBuilder png) => ImageFile.Decode(png.End(), "built.png");

    private static byte[] Grey(byte v) => [v, v, v];

    private static byte Rounded(ushort v) => (byte)Math.Round(v / 257.0);

    private static byte[] BigEndian(ushort[] samples)
    {
        byte[] bytes = new byte[2 * samples.Length];
        for (int i = 0; i < samples.Length; i++)
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2 * i), samples[i]);
        return bytes;
    }
}
