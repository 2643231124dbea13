using SkiaSharp;

namespace PocketSam.Imaging.Tests;

public class SkiaConversionTests
{
    [Fact]
    public void Pictures_GoToSkiaAndBack()
    {
        RgbImage picture = Fixture.Base();
        using SKBitmap bitmap = picture.ToSKBitmap();
        using SKImage image = picture.ToSKImage();

        Fixture.AssertSame(picture, bitmap.ToRgbImage());
        Fixture.AssertSame(picture, image.ToRgbImage());
        Assert.Equal(new SKColor(picture.Pixels[3], picture.Pixels[4], picture.Pixels[5]), bitmap.GetPixel(1, 0));
    }

    [Theory]
    [InlineData(SKColorType.Bgra8888)]
    [InlineData(SKColorType.Rgba8888)]
    [InlineData(SKColorType.Rgb888x)]
    public void AnyOrderOfBytes_AndAColourSpace_GiveTheSameColours(SKColorType type)
    {
        using SKColorSpace space = SKColorSpace.CreateRgb(SKColorSpaceTransferFn.Linear, SKColorSpaceXyz.AdobeRgb);
        using var bitmap = new SKBitmap(new SKImageInfo(2, 1, type, SKAlphaType.Opaque, space));
        bitmap.SetPixel(0, 0, new SKColor(10, 20, 30));
        bitmap.SetPixel(1, 0, new SKColor(200, 100, 50));
        byte[] stored = bitmap.GetPixelSpan().ToArray();
        int red = type == SKColorType.Bgra8888 ? 2 : 0;

        RgbImage picture = bitmap.ToRgbImage();

        Assert.Equal(
            [stored[red], stored[1], stored[2 - red], stored[4 + red], stored[5], stored[6 - red]], picture.Pixels);
    }

    [Fact]
    public void Alpha_IsDroppedNotComposited()
    {
        using var bitmap = new SKBitmap(new SKImageInfo(2, 1, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        new byte[] { 10, 20, 30, 0, 40, 50, 60, 128 }.CopyTo(bitmap.GetPixelSpan());

        Assert.Equal([10, 20, 30, 40, 50, 60], bitmap.ToRgbImage().Pixels);
    }

    [Fact]
    public void Grey_BecomesThreeChannels()
    {
        using var bitmap = new SKBitmap(new SKImageInfo(2, 1, SKColorType.Gray8, SKAlphaType.Opaque));
        new byte[] { 10, 200 }.CopyTo(bitmap.GetPixelSpan());

        Assert.Equal([10, 10, 10, 200, 200, 200], bitmap.ToRgbImage().Pixels);
    }

    [Fact]
    public void ABitmapWithoutPixels_IsRefused()
    {
        using var bitmap = new SKBitmap();

        Assert.Throws<ArgumentException>(bitmap.ToRgbImage);
    }
}
