namespace PocketSam.Imaging.Tests;

public class WriteTests
{
    [Fact]
    public void Png_RoundTripsExactly()
    {
        RgbImage image = Fixture.Base();

        Fixture.AssertSame(image, ImageFile.Decode(ImageFile.EncodePng(image), "x.png"));
    }

    [Fact]
    public void NoisePng_FitsItsBuffer()
    {
        var image = new RgbImage(311, 199);
        new Random(5).NextBytes(image.Pixels);

        Fixture.AssertSame(image, ImageFile.Decode(ImageFile.EncodePng(image), "x.png"));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 5000)]
    [InlineData(5000, 1)]
    public void ThinPictures_RoundTrip(int width, int height)
    {
        var image = new RgbImage(width, height);
        Array.Fill(image.Pixels, (byte)200);

        Fixture.AssertSame(image, ImageFile.Decode(ImageFile.EncodePng(image), "x.png"));
        Fixture.AssertSame(image, ImageFile.Decode(ImageFile.EncodeJpeg(image), "x.jpg"));
    }

    [Fact]
    public void Jpeg_IsCloseToThePicture_AndSmallerAtLowerQuality()
    {
        RgbImage image = Fixture.Base();
        byte[] good = ImageFile.EncodeJpeg(image, 95);
        byte[] small = ImageFile.EncodeJpeg(image, 30);

        RgbImage decoded = ImageFile.Decode(good, "x.jpg");
        double meanError = image.Pixels.Zip(decoded.Pixels, (a, b) => Math.Abs(a - b)).Average();
        Assert.InRange(meanError, 0, 3);
        Assert.True(small.Length < good.Length);
    }

    [Fact]
    public void WebP_Of100_IsThePictureItself_AndSmallerBelow()
    {
        RgbImage image = Fixture.Base();
        byte[] lossless = ImageFile.EncodeWebP(image, 100);

        Fixture.AssertSame(image, ImageFile.Decode(lossless, "x.webp"));
        Assert.True(ImageFile.EncodeWebP(image, 30).Length < lossless.Length);
        Assert.Throws<ImageFormatException>(() => ImageFile.EncodeWebP(new RgbImage(16384, 1)));
    }

    [Fact]
    public void Jpeg_OfTooManyColumns_IsRefused()
        => Assert.Throws<ImageFormatException>(() => ImageFile.EncodeJpeg(new RgbImage(70000, 1)));

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public void JpegQuality_OutOfRange_IsRefused(int quality)
        => Assert.Throws<ArgumentOutOfRangeException>(() => ImageFile.EncodeJpeg(Fixture.Base(), quality));

    [Theory]
    [InlineData("x.png", 0x89)]
    [InlineData("x.jpg", 0xFF)]
    [InlineData("x.JPEG", 0xFF)]
    [InlineData("x.jpe", 0xFF)]
    [InlineData("x.jfif", 0xFF)]
    [InlineData("x.webp", 0x52)]
    public void Write_FollowsTheExtension_AndReplaces(string name, byte firstByte)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder[name], "old");

        ImageFile.Write(folder[name], Fixture.Base());

        Assert.Equal(firstByte, File.ReadAllBytes(folder[name])[0]);
        Assert.Equal((37, 29), ImageFile.ReadSize(folder[name]));
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("x.bmp")]
    [InlineData("x")]
    public void Write_OfAnotherFormat_IsRefused(string name)
    {
        using var folder = new TemporaryFolder();

        var e = Assert.Throws<ImageFormatException>(() => ImageFile.Write(folder[name], Fixture.Base()));
        Assert.Equal($"{folder[name]}: pictures are written as .png, .jpg or .webp", e.Message);
        Assert.Throws<ImageFormatException>(() => ImageFile.WriteMask(folder["x.jpg"], new BinaryMask(1, 1)));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Write_IntoAMissingFolder_NamesThePath()
    {
        using var folder = new TemporaryFolder();
        string path = folder["no/x.png"];

        var e = Assert.Throws<IOException>(() => ImageFile.Write(path, Fixture.Base()));
        Assert.Equal($"{path}: cannot be written (no such folder)", e.Message);
    }

    [Fact]
    public void Write_IntoAFolderThatCannotBeWritten_NamesThePath()
    {
        Assert.SkipUnless(Directory.Exists("/proc/self"), "there is no folder here that nobody can write");

        var e = Assert.Throws<IOException>(() => ImageFile.Write("/proc/self/x.png", Fixture.Base()));
        Assert.StartsWith("/proc/self/x.png: cannot be written (", e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Write_OverAFolder_LeavesNothingBehind()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["x.png"]);

        var e = Assert.Throws<IOException>(() => ImageFile.Write(folder["x.png"], Fixture.Base()));
        Assert.StartsWith($"{folder["x.png"]}: cannot be written (", e.Message);
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void FailureHalfWay_KeepsTheOldFile_AndLeavesNothingBehind()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["x.png"], "old");

        var e = Assert.Throws<IOException>(() => AtomicFile.Write(folder["x.png"], stream =>
        {
            stream.Write([1, 2, 3]);
            throw new IOException("No space left on device");
        }));

        Assert.Equal($"{folder["x.png"]}: cannot be written (No space left on device)", e.Message);
        Assert.Equal("old", File.ReadAllText(folder["x.png"]));
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(67, 9)]
    public void WriteMask_IsA255Or0GreyscalePng(int width, int height)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(3);
        var mask = new BinaryMask(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                mask[x, y] = random.Next(2) == 1;
        }

        ImageFile.WriteMask(folder["mask.png"], mask);

        byte[] file = File.ReadAllBytes(folder["mask.png"]);
        const int BitDepthOffset = 24;
        Assert.Equal((8, 0), (file[BitDepthOffset], file[BitDepthOffset + 1]));
        RgbImage image = ImageFile.Decode(file, "mask.png");
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                Assert.Equal(mask[x, y] ? 255 : 0, image.Pixels[3 * (y * width + x) + 1]);
        }

        Assert.True(mask.ContentEquals(ImageFile.ReadMask(folder["mask.png"])));
    }

    [Theory]
    [InlineData(PngBuilder.Gray, 8, new byte[] { 0, 1, 255 })]
    [InlineData(PngBuilder.Gray, 1, new byte[] { 0b0011_0000 })]
    [InlineData(PngBuilder.Rgb, 8, new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 1, 5, 0, 0 })]
    public void ReadMask_TakesEverythingButBlack(int colorType, int bits, byte[] row)
    {
        using var folder = new TemporaryFolder();
        uint width = colorType == PngBuilder.Gray && bits == 8 ? 3u : 4u;
        File.WriteAllBytes(folder["m.png"], new PngBuilder(width, 1, bits, colorType).Rows(row).End());

        BinaryMask mask = ImageFile.ReadMask(folder["m.png"]);

        bool[] expected = width == 3 ? [false, true, true] : [false, false, true, true];
        Assert.Equal(expected, Enumerable.Range(0, (int)width).Select(x => mask[x, 0]));
    }

    [Theory]
    [InlineData(PngBuilder.Rgba, new byte[] { 255, 255, 255, 0, 255, 255, 255, 255, 9, 8, 7, 1 })]
    [InlineData(PngBuilder.Rgba, new byte[] { 0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 255 })]
    [InlineData(PngBuilder.Rgba, new byte[] { 200, 10, 30, 0, 0, 0, 0, 128, 1, 2, 3, 255 })]
    [InlineData(PngBuilder.GrayAlpha, new byte[] { 255, 0, 255, 255, 255, 7 })]
    public void ReadMask_TakesTheShapeFromAlphaWhereItHasOne(int colorType, byte[] row)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["m.png"], new PngBuilder(3, 1, 8, colorType).Rows(row).End());

        Assert.Equal([0, 1, 1], ImageFile.ReadMask(folder["m.png"]).ToBytes());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(12)]
    [InlineData(255)]
    public void ReadIds_OfADepthThatIsNone_IsADamagedPng(int bits)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["i.png"], new PngBuilder(3, 1, bits, PngBuilder.Gray).Rows([0, 1, 2]).End());
        Assert.Throws<ImageFormatException>(() => ImageFile.ReadIds(folder["i.png"]));
    }

    [Fact]
    public void ReadMask_TakesTheShapeFromAPaletteAndUpright()
    {
        using var folder = new TemporaryFolder();
        byte[] exif = [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 3, 0, 0, 0, 0, 0, 0];
        File.WriteAllBytes(folder["m.png"], new PngBuilder(3, 1, 8, PngBuilder.Palette)
            .Chunk("eXIf", exif).Chunk("PLTE", 255, 255, 255, 255, 255, 255).Chunk("tRNS", 0).Rows([0, 1, 1]).End());

        Assert.Equal([1, 1, 0], ImageFile.ReadMask(folder["m.png"]).ToBytes());
    }

    [Fact]
    public void ReadMask_TakesColoursWhereAllIsOpaqueAndRefusesBoth()
    {
        using var folder = new TemporaryFolder();
        byte[] row = [0, 0, 0, 255, 255, 255, 255, 255, 0, 0, 0, 255];
        File.WriteAllBytes(folder["opaque.png"], new PngBuilder(3, 1, 8, PngBuilder.Rgba).Rows(row).End());
        row[^1] = 0;
        File.WriteAllBytes(folder["both.png"], new PngBuilder(3, 1, 8, PngBuilder.Rgba).Rows(row).End());

        Assert.Equal([0, 1, 0], ImageFile.ReadMask(folder["opaque.png"]).ToBytes());
        Assert.EndsWith(
            "is transparent in places, and black and white in others: take one of the two away",
            Assert.Throws<ImageFormatException>(() => ImageFile.ReadMask(folder["both.png"])).Message);
    }

    [Fact]
    public void ReadMask_RefusesWhatWouldLosePixels()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["m.jpg"], ImageFile.EncodeJpeg(Fixture.Base()));
        File.WriteAllBytes(folder["m.png"], new PngBuilder(1, 1, 16, PngBuilder.Gray).Rows([0, 1]).End());

        var jpeg = Assert.Throws<ImageFormatException>(() => ImageFile.ReadMask(folder["m.jpg"]));
        var deep = Assert.Throws<ImageFormatException>(() => ImageFile.ReadMask(folder["m.png"]));

        Assert.Equal($"{folder["m.jpg"]}: masks are read from PNG only", jpeg.Message);
        Assert.Equal($"{folder["m.png"]}: masks are read from PNG of at most 8 bits a sample", deep.Message);
    }

    [Theory]
    [InlineData(255, 8)]
    [InlineData(256, 16)]
    [InlineData(65_535, 16)]
    public void WriteIds_IsReadAgain(int greatest, int bits)
    {
        using var folder = new TemporaryFolder();
        int[] ids = [0, 1, greatest, 7, 0, 200];
        ImageFile.WriteIds(folder["ids.png"], new IdImage(3, 2, ids));

        Assert.Equal(ids, ImageFile.ReadIds(folder["ids.png"]).Ids);
        Assert.Equal(bits, File.ReadAllBytes(folder["ids.png"])[24]);
        using SkiaSharp.SKBitmap picture = SkiaSharp.SKBitmap.Decode(folder["ids.png"]);
        Assert.Equal((3, 2), (picture.Width, picture.Height));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(65_536)]
    public void WriteIds_RefusesWhat16BitsCannotHold(int id)
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<ArgumentException>(() => ImageFile.WriteIds(folder["ids.png"], new IdImage(1, 1, [id])));
        Assert.False(File.Exists(folder["ids.png"]));
    }
}
