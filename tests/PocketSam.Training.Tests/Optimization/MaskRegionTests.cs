using PocketSam.Training.Optimization;

namespace PocketSam.Training.Tests.Optimization;

public sealed class MaskRegionTests
{
    [Theory]
    [InlineData(64, 64, 16, 16)]
    [InlineData(64, 40, 16, 10)]
    [InlineData(64, 41, 16, 11)]
    [InlineData(41, 64, 11, 16)]
    [InlineData(1, 64, 1, 16)]
    public void Cells_with_any_picture_count(int width, int height, int columns, int rows)
        => Assert.Equal(new MaskRegion(columns, rows, 16), MaskRegion.Of(new RgbImage(width, height), 64, 4));

    [Fact]
    public void Stretches_cover_the_picture()
    {
        Assert.Equal((1, 6 * 4), new MaskRegion(6, 4, 6).Stretches);
        Assert.Equal((6, 4), new MaskRegion(4, 6, 6).Stretches);
        Assert.Equal(24, new MaskRegion(4, 6, 6).Cells);
        Assert.Equal(new MaskRegion(6, 6, 6), MaskRegion.Whole(6));
    }
}
