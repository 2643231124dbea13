namespace PocketSam.Tests.Masks;

public sealed class RleCropTests
{
    [Theory]
    [InlineData(1, 20, 10, 0, 0, 20, 10)]
    [InlineData(2, 20, 10, 3, 0, 5, 10)] // columns that touch: runs join
    [InlineData(3, 70, 30, 1, 2, 66, 20)]
    [InlineData(4, 9, 9, 8, 8, 1, 1)]
    [InlineData(5, 1, 40, 0, 7, 1, 20)]
    public void A_part_encodes_as_the_picture_does(int seed, int width, int height, int x, int y, int columns, int rows)
    {
        var random = new Random(seed);
        for (int round = 0; round < 20; round++)
        {
            double share = round / 19.0;
            BinaryMask part = new(columns, rows), whole = new(width, height);
            for (int i = 0; i < columns; i++)
            {
                for (int j = 0; j < rows; j++)
                    part[i, j] = whole[x + i, y + j] = random.NextDouble() < share;
            }

            Rle expected = Rle.Encode(whole), actual = Rle.FromCrop(part, new PixelBox(x, y, columns, rows), width, height);
            Assert.Equal(expected.ToCompressed(), actual.ToCompressed());
        }
    }

    [Fact]
    public void Areas_that_do_not_fit_are_refused()
    {
        var part = new BinaryMask(3, 2);
        Assert.Throws<ArgumentException>(() => Rle.FromCrop(part, new PixelBox(0, 0, 2, 2), 10, 10));
        Assert.Throws<ArgumentException>(() => Rle.FromCrop(part, new PixelBox(8, 0, 3, 2), 10, 10));
        Assert.Throws<ArgumentException>(() => Rle.FromCrop(part, new PixelBox(0, -1, 3, 2), 10, 10));
        Assert.Throws<ArgumentException>(() => Rle.FromCrop(part, new PixelBox(int.MaxValue, 0, 3, 2), 10, 10));
        Assert.Throws<ArgumentException>(() => Rle.FromCrop(part, new PixelBox(0, int.MaxValue - 1, 3, 2), 10, 10));
    }
}
