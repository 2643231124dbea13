using System.Runtime.InteropServices;
using PocketSam.Imaging.Formats;
using SkiaSharp;

namespace PocketSam.Imaging.Tests;

/// <summary>Threads that share a JPEG give the pixels of one.</summary>
public class JpegRowsTests
{
    public static TheoryData<int> Qualities => [60, 89, 95];

    [Theory]
    [MemberData(nameof(Qualities))]
    public void Parts_GiveThePixelsOfTheWhole(int quality)
    {
        foreach ((int width, int height) in ((int, int)[])[(65, 203), (300, 96), (17, 5), (128, 333)])
        {
            byte[] jpeg = ImageFile.EncodeJpeg(Photo(width, height), quality);
            RgbImage whole = Decode(jpeg, width, height, 1);

            Fixture.AssertSame(ImageFile.Decode(jpeg, "x.jpg"), whole);
            for (int parts = 2; parts <= 4; parts++)
                Fixture.AssertSame(whole, Decode(jpeg, width, height, parts));
        }
    }

    [Fact]
    public void Parts_OfEveryKindOfSampling_GiveThePixelsOfTheWhole()
    {
        foreach (string name in Fixture.Pictures().Where(
            name => name.StartsWith("sampling") || name is "restart.jpg" or "gray.jpg" or "cmyk.jpg"))
        {
            for (int parts = 1; parts <= 4; parts++)
                Fixture.AssertSame(Fixture.Expected(name), Decode(Fixture.Bytes(name), 37, 29, parts));
        }
    }

    [Theory]
    [InlineData(1, 3000)]
    [InlineData(2, 3000)]
    [InlineData(4, 3000)]
    [InlineData(4, 3)]
    public void Starts_GoFromTheFirstRowToTheLast(int parts, int height)
    {
        int[] starts = [.. Enumerable.Range(0, parts + 1).Select(part => JpegRows.Start(part, parts, height))];

        Assert.Equal((0, height), (starts[0], starts[^1]));
        Assert.Equal(starts.Order(), starts);
    }

    [Fact]
    public void ALargePictureThatIsCut_IsCalledTruncated()
    {
        byte[] jpeg = ImageFile.EncodeJpeg(Photo(1500, 1000), 80);
        foreach (double share in (double[])[0.2, 0.5, 0.7, 0.99])
        {
            byte[] cut = [.. jpeg[..(int)(share * jpeg.Length)], 0xFF, 0xD9];
            Assert.Equal(
                "x.jpg: truncated JPEG", Assert.Throws<ImageFormatException>(() => ImageFile.Decode(cut, "x.jpg")).Message);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Rows_AreLeft_WhenItIsCancelled(int parts)
        => Assert.Throws<OperationCanceledException>(
            () => Decode(Fixture.Bytes("gray.jpg"), 37, 29, parts, new CancellationToken(canceled: true)));

    private static RgbImage Decode(
        byte[] jpeg, int width, int height, int parts, CancellationToken cancellation = default)
    {
        var image = new RgbImage(width, height);
        var pinned = GCHandle.Alloc(jpeg, GCHandleType.Pinned);
        try
        {
            Assert.Equal(
                SKCodecResult.Success,
                JpegRows.Decode(pinned.AddrOfPinnedObject(), jpeg.Length, image, parts, cancellation));
        }
        finally
        {
            pinned.Free();
        }

        return image;
    }

    private static RgbImage Photo(int width, int height)
    {
        var image = new RgbImage(width, height);
        var random = new Random(width);
        for (int i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)(128 + 90 * Math.Sin(i / 3 % width * 0.11 + i % 3) + random.Next(-30, 30));
        return image;
    }
}
