namespace PocketSam.Tests.Segmentation;

public class RgbImageTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, -1)]
    [InlineData(int.MaxValue, 1)]
    [InlineData(40_000, 40_000)]
    [InlineData(int.MinValue, int.MinValue)]
    public void BlackPicture_OfAnImpossibleSize_IsRefused(int width, int height)
        => Assert.ThrowsAny<ArgumentException>(() => new RgbImage(width, height));

    public static TheoryData<PixelLayout, int> Layouts => new()
    {
        { PixelLayout.Rgb, 3 }, { PixelLayout.Bgr, 3 }, { PixelLayout.Rgba, 4 }, { PixelLayout.Bgra, 4 }, { PixelLayout.Gray, 1 },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Layouts_GiveTheirColours_WithAndWithoutPadding(PixelLayout layout, int bytes)
    {
        for (int width = 1; width < 40; width++)
        {
            foreach (int padding in (int[])[0, 1, 5])
            {
                const int Height = 3;
                int stride = width * bytes + padding;
                byte[] pixels = new byte[stride * (Height - 1) + width * bytes];
                new Random(width).NextBytes(pixels);

                RgbImage image = RgbImage.FromPixels(pixels, width, Height, layout, padding == 0 ? 0 : stride);
                using var stream = new MemoryStream([.. pixels, 77]);
                RgbImage streamed = RgbImage.FromPixels(stream, width, Height, layout, stride);

                byte[] expected = [.. from y in Enumerable.Range(0, Height)
                                      from x in Enumerable.Range(0, width)
                                      from k in Order(layout)
                                      select pixels[y * stride + x * bytes + k]];
                Assert.Equal(expected, image.Pixels);
                Assert.Equal(expected, streamed.Pixels);
                Assert.Equal(77, stream.ReadByte());
            }
        }
    }

    [Fact]
    public void Rows_AreOverwritten_AndNoOthers()
    {
        var image = new RgbImage(2, 3);

        image.SetRows(1, 1, [1, 2, 3, 0, 4, 5, 6, 0], PixelLayout.Bgra);

        Assert.Equal([0, 0, 0, 0, 0, 0, 3, 2, 1, 6, 5, 4, 0, 0, 0, 0, 0, 0], image.Pixels);
    }

    [Fact]
    public void WhatDoesNotFit_IsRefused()
    {
        var image = new RgbImage(2, 3);
        byte[] row = new byte[8];
        Assert.Throws<ArgumentOutOfRangeException>(() => image.SetRows(-1, 1, row, PixelLayout.Rgba));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.SetRows(3, 1, row, PixelLayout.Rgba));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.SetRows(1, int.MaxValue, row, PixelLayout.Rgba));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.SetRows(0, 1, row, (PixelLayout)9));
        Assert.StartsWith(
            "a stride of 7 bytes where a row has 8",
            Assert.Throws<ArgumentException>(() => image.SetRows(0, 1, row, PixelLayout.Rgba, 7)).Message);
        Assert.StartsWith(
            "8 bytes where 2 rows take 16",
            Assert.Throws<ArgumentException>(() => image.SetRows(0, 2, row, PixelLayout.Rgba)).Message);
        Assert.Throws<ArgumentException>(() => image.SetRows(0, 3, row, PixelLayout.Rgba, int.MaxValue));
        Assert.Throws<EndOfStreamException>(() => RgbImage.FromPixels(new MemoryStream(row), 2, 2, PixelLayout.Rgba));
    }

    private static int[] Order(PixelLayout layout) => layout switch
    {
        PixelLayout.Gray => [0, 0, 0],
        PixelLayout.Bgr or PixelLayout.Bgra => [2, 1, 0],
        _ => [0, 1, 2],
    };
}
