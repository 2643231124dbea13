namespace PocketSam.Imaging.Tests;

public class BadInputTests
{
    [Fact]
    public void APngTooShortForItsSizeIsRefusedBeforeMemoryIsTaken()
    {
        byte[] png = new PngBuilder(7000, 7000, 8, PngBuilder.Rgb).Rows([0, 0, 0]).End();
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertRefused(png, "x.jpg: truncated PNG");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void EmptyFile_IsNamed() => AssertRefused([], "x.jpg: empty file");

    [Theory]
    [InlineData("hello, this is a text")]
    [InlineData("R")]
    [InlineData("RIFF1234WAVE")]
    [InlineData("GIF88a")]
    [InlineData("BM, a text that begins so")]
    [InlineData("\0\0\u0001\0\0\0an icon of none")]
    [InlineData("\u00FF\u00D8")]
    [InlineData("\u0089PNG")]
    public void NotAPicture_IsNamed(string text)
        => AssertRefused(System.Text.Encoding.Latin1.GetBytes(text), "x.jpg: not a JPEG, PNG, WebP, TIFF, GIF, BMP or ICO picture");

    [Theory]
    [InlineData("sampling-2x2.jpg", "truncated JPEG")]
    [InlineData("progressive.jpg", "truncated JPEG")]
    [InlineData("restart.jpg", "truncated JPEG")]
    [InlineData("cmyk.jpg", "truncated JPEG")]
    [InlineData("orientation-6.jpg", "truncated JPEG")]
    [InlineData("rgb.png", "truncated PNG")]
    [InlineData("interlaced.png", "truncated PNG")]
    [InlineData("lossy.webp", "truncated WebP")]
    [InlineData("lossless.webp", "truncated WebP")]
    [InlineData("lossy-alpha.webp", "truncated WebP")]
    public void CutOffFile_IsCalledTruncated(string name, string expected)
    {
        byte[] whole = Fixture.Bytes(name);
        for (int length = 12; length < whole.Length - 1; length += 13)
            AssertRefused(whole[..length], $"x.jpg: {expected}");
    }

    [Fact]
    public void JpegPaddedWithZeros_IsCalledTruncated()
    {
        byte[] jpeg = Fixture.Bytes("sampling-2x2.jpg");
        jpeg.AsSpan(jpeg.Length * 3 / 4).Clear();

        AssertRefused(jpeg, "x.jpg: truncated JPEG");
    }

    [Fact]
    public void JpegWithAnEndMarkerTooEarly_IsCalledTruncated()
    {
        byte[] jpeg = Fixture.Bytes("sampling-2x2.jpg");

        AssertRefused([.. jpeg[..^200], 0xFF, 0xD9], "x.jpg: truncated JPEG");
    }

    [Fact]
    public void HugePng_IsRefusedFromItsHeader()
    {
        byte[] png = new PngBuilder(10000, 10000, 8, PngBuilder.Rgb).Rows([1, 2, 3]).End();
        long before = GC.GetAllocatedBytesForCurrentThread();

        AssertRefused(png, "x.jpg: a 100-megapixel PNG (10000x10000); the limit is 64 megapixels");

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Limit_CanBeSet()
    {
        byte[] jpeg = Fixture.Bytes("sampling-2x2.jpg");

        Assert.Equal(37, ImageFile.Decode(jpeg, "x.jpg", maxPixels: 37 * 29).Width);
        var e = Assert.Throws<ImageFormatException>(() => ImageFile.Decode(jpeg, "x.jpg", maxPixels: 37 * 29 - 1));
        Assert.Contains("(37x29)", e.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageFile.Decode(jpeg, "x.jpg", maxPixels: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageFile.Decode(jpeg, "x.jpg", maxPixels: int.MaxValue));
    }

    [Theory]
    [InlineData(0u, 5u)]
    [InlineData(5u, 0u)]
    [InlineData(0x80000000u, 1u)]
    [InlineData(1u, 0xFFFFFFFFu)]
    public void PngSizes_ThatCannotBe_AreRefused(uint width, uint height)
        => AssertRefused(
            new PngBuilder(width, height, 8, PngBuilder.Rgb).Rows([1, 2, 3]).End(), "x.jpg: damaged PNG (bad header)");

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void JpegSizes_OfZero_AreRefused(int offset)
    {
        byte[] jpeg = Fixture.Bytes("sampling-2x2.jpg");
        int startOfFrame = jpeg.AsSpan().IndexOf<byte>([0xFF, 0xC0, 0, 17, 8]);
        jpeg.AsSpan(startOfFrame + 5 + offset, 2).Clear();

        AssertRefused(jpeg, "x.jpg: damaged JPEG");
    }

    [Fact]
    public void TooFewRows_AreRefused()
        => AssertRefused(
            new PngBuilder(1, 3, 8, PngBuilder.Rgb).Rows([1, 2, 3], [1, 2, 3]).End(), "x.jpg: damaged PNG (");

    [Theory]
    [InlineData("\0\0\0\u0018ftypheic\0\0\0\0mif1", "a HEIC picture, which is not read; save it as JPEG first (heif-convert ")]
    [InlineData("\0\0\0\u0018ftypmif1\0\0\0\0mif1", "a HEIC picture, which is not read; save it as JPEG first (heif-convert ")]
    [InlineData("\0\0\0\u0020ftypavif\0\0\0\0avif", "an AVIF picture, which is not read; save it as JPEG or PNG first (avifdec ")]
    [InlineData("II+\0\u0008\0\0\0", "a BigTIFF, which is not read; save it as a TIFF of less than 4 GB first")]
    [InlineData("\u00FF\u000Abcdef", "a JPEG XL picture, which is not read; save it as JPEG or PNG first (djxl ")]
    public void KnownFormats_ThatAreNotRead_SayWhatToDo(string text, string message)
        => AssertRefused(System.Text.Encoding.Latin1.GetBytes(text), $"x.jpg: {message}");

    [Fact]
    public void AnimatedWebP_IsNamed()
        => AssertRefused(Fixture.Bytes("animated.webp"), "x.jpg: an animated WebP; only still pictures are read");

    [Fact]
    public void Folder_IsNamed()
    {
        using var folder = new TemporaryFolder();

        var e = Assert.Throws<ImageFormatException>(() => ImageFile.Read(folder.Path));
        Assert.Equal($"{folder.Path}: a folder, not a picture", e.Message);
        Assert.Throws<ImageFormatException>(() => ImageFile.ReadSize(folder.Path));
    }

    [Theory]
    [InlineData("none.jpg")]
    [InlineData("no/such/folder/none.jpg")]
    public void MissingFile_IsNamed(string name)
    {
        using var folder = new TemporaryFolder();

        var e = Assert.Throws<FileNotFoundException>(() => ImageFile.Read(folder[name]));
        Assert.Equal($"{folder[name]}: no such file", e.Message);
    }

    [Fact]
    public void UnreadableFile_IsNamed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.UserName == "root", "permissions do not bind this user");
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x.jpg"], [1]);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder["x.jpg"], UnixFileMode.None);

        var e = Assert.Throws<IOException>(() => ImageFile.Read(folder["x.jpg"]));
        Assert.Equal($"{folder["x.jpg"]}: cannot be read (permission denied)", e.Message);
    }

    [Fact]
    public void EndlessFile_IsRefusedFromItsFirstBytes()
    {
        Assert.SkipUnless(File.Exists("/dev/zero"), "there is no endless file here");

        var e = Assert.Throws<ImageFormatException>(() => ImageFile.Read("/dev/zero"));
        Assert.Equal("/dev/zero: not a JPEG, PNG, WebP, TIFF, GIF, BMP or ICO picture", e.Message);
    }

    private static void AssertRefused(byte[] data, string message)
    {
        var e = Assert.Throws<ImageFormatException>(() => ImageFile.Decode(data, "x.jpg"));
        Assert.StartsWith(message, e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }
}
