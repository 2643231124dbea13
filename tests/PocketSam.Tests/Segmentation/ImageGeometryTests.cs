using PocketSam.Models;

namespace PocketSam.Tests.Segmentation;

public sealed class ImageGeometryTests
{
    [Theory]
    [InlineData(641, 427, 1024, 1024, 682)]
    [InlineData(300, 701, 1024, 438, 1024)]
    [InlineData(1024, 1024, 1024, 1024, 1024)]
    [InlineData(1, 1, 128, 128, 128)]
    [InlineData(5000, 1, 128, 128, 1)]
    [InlineData(640, 480, 512, 512, 384)]
    [InlineData(333, 500, 256, 170, 256)]
    [InlineData(1, 2000, 1024, 1, 1024)]
    [InlineData(2000, 1, 1024, 1024, 1)]
    [InlineData(7, 5, 1024, 1024, 731)]
    [InlineData(2130, 1960, 1024, 1024, 942)]
    [InlineData(2145, 1960, 1024, 1024, 936)]
    [InlineData(2048, 1, 1024, 1024, 1)]
    [InlineData(2048, 3, 1024, 1024, 2)]
    [InlineData(2048, 5, 1024, 1024, 3)]
    [InlineData(4096, 2, 1024, 1024, 1)]
    public void Longest_side_becomes_the_input_size(
        int width, int height, int size, int resizedWidth, int resizedHeight)
    {
        var geometry = ImageGeometry.For(width, height, size);

        Assert.Equal((resizedWidth, resizedHeight), (geometry.ResizedWidth, geometry.ResizedHeight));
        Assert.Equal((width, height), (geometry.Width, geometry.Height));
        Assert.Equal((size, size / 4), (geometry.InputSize, geometry.MaskSide));
    }

    [Fact]
    public void Points_are_scaled_by_whole_pixels_and_moved_to_pixel_centres()
    {
        var geometry = ImageGeometry.For(641, 427, 1024);

        PromptToken token = geometry.ToToken(320, 213.5, PointLabel.Background);

        Assert.Equal(320 * 1024 / 641.0 + 0.5, token.X, 1e-4);
        Assert.Equal(341.5, token.Y, 1e-4);
        Assert.Equal(PointLabel.Background, token.Label);
    }

    [Theory]
    [InlineData(0, 5, 128)]
    [InlineData(5, 0, 128)]
    [InlineData(5, 5, 0)]
    [InlineData(5, 5, 100)]
    [InlineData(5, 5, 8192)]
    public void Impossible_sizes_are_refused(int width, int height, int size)
        => Assert.ThrowsAny<ArgumentException>(() => ImageGeometry.For(width, height, size));
}
