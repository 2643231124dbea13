using System.Buffers.Binary;
using BitMiracle.LibTiff.Classic;

namespace PocketSam.Imaging.Tests;

/// <summary>TIFF files of LibTiff's own writing, sample by sample.</summary>
public class TiffTests
{
    private const int Width = 37;
    private const int Height = 29;

    private readonly List<string> _notices = [];

    public static TheoryData<int, int, bool, bool, Compression> Kinds
    {
        get
        {
            var kinds = new TheoryData<int, int, bool, bool, Compression>();
            foreach (int bits in (int[])[8, 16])
            {
                foreach (int samples in (int[])[1, 2, 3, 4])
                {
                    foreach (bool tiled in (bool[])[false, true])
                    {
                        foreach (bool planar in (bool[])[false, true])
                            kinds.Add(bits, samples, tiled, planar, tiled ? Compression.ADOBE_DEFLATE : Compression.LZW);
                    }
                }
            }

            kinds.Add(8, 3, false, false, Compression.NONE);
            kinds.Add(16, 3, true, false, Compression.NONE);
            kinds.Add(8, 1, false, false, Compression.PACKBITS);
            return kinds;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Samples_AreRead(int bits, int samples, bool tiled, bool planar, Compression compression)
    {
        var random = new Random(bits + samples);
        int[] values = [.. Enumerable.Range(0, Width * Height * samples).Select(_ => random.Next(1 << bits))];

        RgbImage image = Decode(Write(values, bits, samples, tiled, planar, compression));

        Assert.Equal((Width, Height), (image.Width, image.Height));
        int colors = samples >= 3 ? 3 : 1;
        for (int pixel = 0; pixel < Width * Height; pixel++)
        {
            for (int k = 0; k < 3; k++)
            {
                int value = values[pixel * samples + k % colors];
                Assert.Equal(bits == 8 ? value : (int)Math.Round(value / 257.0), image.Pixels[3 * pixel + k]);
            }
        }

        Assert.Empty(_notices);
    }

    [Fact]
    public void TwelveBitsInSixteen_AreStretched_AndItIsSaid()
    {
        int[] values = [.. Enumerable.Range(0, Width * Height).Select(i => i % 4096 * 4)];
        values[^1] = 4095;

        RgbImage image = Decode(Write([.. values.Select(v => Math.Min(v, 4095))], 16, 1));

        for (int i = 0; i < values.Length; i++)
            Assert.Equal((int)Math.Round(255.0 * Math.Min(values[i], 4095) / 4095), image.Pixels[3 * i]);
        Assert.Equal(["x.tif: its 16-bit samples are taken as 12-bit ones, 16 times as bright"], _notices);
    }

    [Fact]
    public void WhiteMayBeZero()
    {
        int[] values = [.. Enumerable.Range(0, Width * Height).Select(i => i % 256)];

        RgbImage image = Decode(Write(values, 8, 1, change: tiff => tiff.SetField(TiffTag.PHOTOMETRIC, Photometric.MINISWHITE)));

        Assert.Equal(values.Select(v => (byte)(255 - v)), image.Pixels.Where((_, i) => i % 3 == 0));
    }

    [Fact]
    public void APalette_IsConverted()
    {
        int[] values = [.. Enumerable.Range(0, Width * Height).Select(i => i % 256)];
        ushort[] red = [.. Enumerable.Range(0, 256).Select(i => (ushort)(257 * i))];
        ushort[] green = [.. red.Reverse()], blue = new ushort[256];

        RgbImage image = Decode(Write(values, 8, 1, change: tiff =>
        {
            tiff.SetField(TiffTag.PHOTOMETRIC, Photometric.PALETTE);
            tiff.SetField(TiffTag.COLORMAP, red, green, blue);
        }));

        Assert.Equal(values.SelectMany(v => new[] { (byte)v, (byte)(255 - v), (byte)0 }), image.Pixels);
    }

    [Fact]
    public void Orientation_IsApplied()
    {
        int[] values = [.. Enumerable.Range(0, Width * Height).Select(i => i % 251)];

        RgbImage image = Decode(Write(values, 8, 1, change: tiff => tiff.SetField(TiffTag.ORIENTATION, Orientation.RIGHTTOP)));

        Assert.Equal((Height, Width), (image.Width, image.Height));
        Assert.Equal(values[0], image.Pixels[3 * (Height - 1)]);
        Assert.Equal(values[Width * (Height - 1)], image.Pixels[0]);
    }

    [Fact]
    public void SeveralPages_AreSaid()
    {
        int[] first = [.. Enumerable.Repeat(7, Width * Height)], second = [.. Enumerable.Repeat(9, Width * Height)];

        RgbImage image = Decode(Write(first, 8, 1, second: second));

        Assert.All(image.Pixels, value => Assert.Equal(7, value));
        Assert.Equal(["x.tif: a TIFF of several pages; the first one is read"], _notices);
    }

    [Fact]
    public void Floats_ArePlainlyRefused()
    {
        byte[] tiff = Write(new int[Width * Height], 32, 1, change: t => t.SetField(TiffTag.SAMPLEFORMAT, SampleFormat.IEEEFP));

        AssertRefused(tiff, "x.tif: a TIFF of 32-bit float samples; whole numbers of 8 and 16 bits are read");
    }

    [Fact]
    public void ARawFilesPreview_IsNotTakenForThePhoto()
    {
        byte[] tiff = Write(new int[Width * Height], 8, 1, change: t => t.SetField(TiffTag.SUBFILETYPE, FileType.REDUCEDIMAGE));

        AssertRefused(tiff, "x.tif: a camera's raw file or a TIFF that begins with a preview, which is not read; ");
    }

    [Fact]
    public void Limit_HoldsBeforeDecoding()
    {
        byte[] tiff = Write(new int[Width * Height], 8, 1);

        var e = Assert.Throws<ImageFormatException>(() => ImageFile.Decode(tiff, "x.tif", maxPixels: Width * Height - 1));
        Assert.Contains("-megapixel TIFF (37x29); the limit is", e.Message);
        Assert.Equal((Width, Height), ImageFile.ReadSize(tiff, "x.tif"));
    }

    [Theory]
    [InlineData(279, 4, 0x7FFFFFFF)]
    [InlineData(277, 3, 0x30000000)]
    [InlineData(273, 4, 0x30000000)]
    public void PromisesOfTheDirectory_TakeNoMemory(int tag, int type, int count)
    {
        byte[] tiff = Write(new int[Width * Height], 8, 1);
        int entry = tiff.AsSpan().LastIndexOf([(byte)tag, (byte)(tag >> 8), (byte)type, (byte)0]);
        Assert.True(entry > 0);
        BinaryPrimitives.WriteInt32LittleEndian(tiff.AsSpan(entry + 4), count);
        long before = GC.GetAllocatedBytesForCurrentThread();

        AssertRefused(tiff, "x.tif: damaged TIFF (what it says lies outside of the file)");

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void CutAndDamagedFiles_DoNoHarm()
    {
        var random = new Random(11);
        int[] values = [.. Enumerable.Range(0, Width * Height * 3).Select(_ => random.Next(256))];
        foreach (bool tiled in (bool[])[false, true])
        {
            byte[] whole = Write(values, 8, 3, tiled);
            for (int length = 4; length < whole.Length; length += 97)
                AssertRefused(whole[..length], "x.tif: ");
            for (int round = 0; round < 300; round++)
            {
                byte[] damaged = [.. whole];
                for (int flips = random.Next(1, 9); flips > 0; flips--)
                {
                    // Every other one in the directory, which LibTiff writes last.
                    int at = random.Next(2) == 0 ? random.Next(damaged.Length) : damaged.Length - 1 - random.Next(200);
                    damaged[at] ^= (byte)(1 << random.Next(8));
                }

                if (Record.Exception(() => ImageFile.Decode(damaged, "x.tif", 250_000)) is { } e)
                    Assert.IsType<ImageFormatException>(e);
            }
        }
    }

    private RgbImage Decode(byte[] tiff)
        => ImageFile.Decode(tiff, "x.tif", new ImageReadOptions { Notice = _notices.Add });

    private static void AssertRefused(byte[] tiff, string message)
    {
        var e = Assert.Throws<ImageFormatException>(() => ImageFile.Decode(tiff, "x.tif"));
        Assert.StartsWith(message, e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    private static byte[] Write(
        int[] values, int bits, int samples, bool tiled = false, bool planar = false,
        Compression compression = Compression.LZW, Action<Tiff>? change = null, int[]? second = null)
    {
        using var folder = new TemporaryFolder();
        using (Tiff tiff = Tiff.Open(folder["x.tif"], "w"))
        {
            Page(values);
            if (second is not null)
                Page(second);

            void Page(int[] page)
            {
                tiff.SetField(TiffTag.IMAGEWIDTH, Width);
                tiff.SetField(TiffTag.IMAGELENGTH, Height);
                tiff.SetField(TiffTag.BITSPERSAMPLE, bits);
                tiff.SetField(TiffTag.SAMPLESPERPIXEL, samples);
                tiff.SetField(TiffTag.PHOTOMETRIC, samples >= 3 ? Photometric.RGB : Photometric.MINISBLACK);
                tiff.SetField(TiffTag.PLANARCONFIG, planar ? PlanarConfig.SEPARATE : PlanarConfig.CONTIG);
                tiff.SetField(TiffTag.COMPRESSION, compression);
                if (samples is 2 or 4)
                    tiff.SetField(TiffTag.EXTRASAMPLES, 1, new short[] { (short)ExtraSample.UNASSALPHA });
                if (tiled)
                {
                    tiff.SetField(TiffTag.TILEWIDTH, 16);
                    tiff.SetField(TiffTag.TILELENGTH, 32);
                }
                else
                {
                    tiff.SetField(TiffTag.ROWSPERSTRIP, 7);
                }

                change?.Invoke(tiff);
                for (int plane = 0; plane < (planar ? samples : 1); plane++)
                {
                    if (tiled)
                        WriteTiles(tiff, page, bits, samples, planar, plane);
                    else
                        WriteRows(tiff, page, bits, samples, planar, plane);
                }

                tiff.WriteDirectory();
            }
        }

        return File.ReadAllBytes(folder["x.tif"]);
    }

    private static void WriteRows(Tiff tiff, int[] values, int bits, int samples, bool planar, int plane)
    {
        for (int y = 0; y < Height; y++)
            Assert.True(tiff.WriteScanline(Part(values, bits, samples, planar, plane, 0, y, Width, 1), y, (short)plane));
    }

    private static void WriteTiles(Tiff tiff, int[] values, int bits, int samples, bool planar, int plane)
    {
        for (int x = 0; x < Width; x += 16)
            Assert.True(tiff.WriteTile(Part(values, bits, samples, planar, plane, x, 0, 16, 32), x, 0, 0, (short)plane) > 0);
    }

    /// <summary>A rectangle of samples, zero beyond the picture.</summary>
    private static byte[] Part(
        int[] values, int bits, int samples, bool planar, int plane, int left, int top, int width, int height)
    {
        var bytes = new List<byte>();
        for (int y = top; y < top + height; y++)
        {
            for (int x = left; x < left + width; x++)
            {
                for (int k = planar ? plane : 0; k < (planar ? plane + 1 : samples); k++)
                {
                    int value = x < Width && y < Height ? values[(y * Width + x) * samples + k] : 0;
                    bytes.AddRange(BitConverter.GetBytes(value).Take(bits / 8));
                }
            }
        }

        return [.. bytes];
    }
}
