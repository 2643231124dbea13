using System.Buffers.Binary;
using PocketSam.Imaging.Formats;

namespace PocketSam.Imaging.Tests;

/// <summary>16-bit samples that use a part of their range.</summary>
public class SampleBitsTests
{
    // Colours are stretched in float: one that lies just so between two levels may become either.
    private const double Blur = 1e-4;

    private readonly List<string> _notices = [];

    public static TheoryData<int> Bits => [.. Enumerable.Range(8, 8)];

    [Theory]
    [MemberData(nameof(Bits))]
    public void Samples_OfFewerBits_AreStretched_AndItIsSaid(int bits)
    {
        int full = (1 << bits) - 1;
        ushort[] samples = [.. Enumerable.Range(0, 256).Select(i => (ushort)(i * full / 255))];

        RgbImage image = Decode(samples);

        for (int i = 0; i < samples.Length; i++)
            Assert.Equal((byte)Math.Round(255.0 * samples[i] / full), image.Pixels[3 * i]);
        Assert.Equal(
            [$"x.png: its 16-bit samples are taken as {bits}-bit ones, {1 << (16 - bits)} times as bright"], _notices);
    }

    [Theory]
    [InlineData(PngBuilder.Gray, 1)]
    [InlineData(PngBuilder.GrayAlpha, 2)]
    [InlineData(PngBuilder.Rgb, 3)]
    [InlineData(PngBuilder.Rgba, 4)]
    public void EverySample_IsScaledToTheNearest(int colorType, int channels)
    {
        foreach (int bits in (int[])[9, 12, 15, 16])
        {
            int full = (1 << bits) - 1, alpha = channels is 2 or 4 ? 1 : 0;
            ushort[] samples = [.. Enumerable.Range(0, (full + 1) * channels)
                .Select(i => (ushort)(i % channels == channels - alpha ? 300 : (i / channels * (1 + i % channels)) & full))];
            byte[] rows = [.. samples.SelectMany(v => new[] { (byte)(v >> 8), (byte)v })];
            byte[] png = new PngBuilder((uint)full + 1, 1, 16, colorType)
                .Chunk("gAMA", 0, 0, 0xB1, 0x8F).Rows(rows).End();

            RgbImage image = ImageFile.Decode(png, "x.png");

            int colors = channels >= 3 ? 3 : 1;
            for (int i = 0; i < image.Pixels.Length; i++)
            {
                double exact = 255.0 * samples[i / 3 * channels + i % 3 % colors] / full;
                Assert.InRange(Math.Abs(exact - image.Pixels[i]), 0, 0.5 + Blur);
            }
        }
    }

    [Fact]
    public void Samples_OfAllBits_AreAsTheyAre_AndNothingIsSaid()
    {
        RgbImage image = Decode([0, 257, 3000, 32768, 32767]);

        Assert.Equal([0, 1, 12, 128, 127], image.Pixels.Where((_, i) => i % 3 == 0));
        Assert.Empty(_notices);
    }

    [Fact]
    public void NearlyBlack_IsSaid()
    {
        ushort[] samples = new ushort[2000];
        samples[5] = 60000;

        Decode(samples);

        Assert.Equal(
            ["x.png: nearly black; all but a thousandth of its 16-bit samples use a sixteenth of their range"], _notices);
    }

    [Fact]
    public void Bits_CanBeSet()
    {
        ushort[] samples = [0, 2048, 4095, 5000, 60000];

        Assert.Equal([0, 128, 255, 255, 255], Decode(samples, 12).Pixels.Where((_, i) => i % 3 == 0));
        Assert.Equal([0, 8, 16], Decode(samples[..3], 16).Pixels.Where((_, i) => i % 3 == 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageReadOptions { SampleBits = 7 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageReadOptions { SampleBits = 17 });
    }

    [Fact]
    public void EightBits_AreNeverStretched()
    {
        byte[] png = new PngBuilder(2, 1, 8, PngBuilder.Gray).Rows([3, 5]).End();

        RgbImage image = ImageFile.Decode(png, "x.png", new ImageReadOptions { SampleBits = 8, Notice = _notices.Add });

        Assert.Equal([3, 3, 3, 5, 5, 5], image.Pixels);
        Assert.Empty(_notices);
    }

    [Fact]
    public void Scale_OfSixteenBits_IsADivisionBy257()
    {
        for (int v = 0; v <= ushort.MaxValue; v++)
            Assert.Equal((byte)Math.Round(v / 257.0), SampleScale.ToByte(v, 16));
    }

    private RgbImage Decode(ushort[] samples, int? bits = null)
    {
        byte[] row = new byte[2 * samples.Length];
        for (int i = 0; i < samples.Length; i++)
            BinaryPrimitives.WriteUInt16BigEndian(row.AsSpan(2 * i), samples[i]);
        byte[] png = new PngBuilder((uint)samples.Length, 1, 16, PngBuilder.Gray).Rows(row).End();
        return ImageFile.Decode(png, "x.png", new ImageReadOptions { SampleBits = bits, Notice = _notices.Add });
    }
}
