using PocketSam.Training.Data;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Tests.Data;

public class MaskCoverageTests
{
    [Theory]
    [InlineData(64, 64, 16, 16, 4)]
    [InlineData(70, 33, 18, 9, 4)]
    [InlineData(129, 20, 40, 11, 3)]
    [InlineData(130, 140, 2, 2, 70)]
    [InlineData(50, 40, 64, 64, 1)]
    [InlineData(10, 10, 1, 1, 200)]
    public void Agrees_with_counting_pixel_by_pixel(int width, int height, int gridWidth, int gridHeight, int cell)
    {
        BinaryMask mask = RandomMask(width, height, seed: 7);

        float[] coverage = MaskCoverage.Coverage(mask, gridWidth, gridHeight, cell);

        for (int gridY = 0; gridY < gridHeight; gridY++)
        {
            for (int gridX = 0; gridX < gridWidth; gridX++)
                Assert.Equal(Naive(mask, gridX, gridY, cell), coverage[gridY * gridWidth + gridX], 1e-6);
        }
    }

    [Fact]
    public void Refuses_an_empty_grid()
    {
        BinaryMask mask = new(8, 8);
        Assert.Throws<ArgumentOutOfRangeException>(() => MaskCoverage.Coverage(mask, 0, 2, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => MaskCoverage.Coverage(mask, 2, 0, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => MaskCoverage.Coverage(mask, 2, 2, 0));
    }

    private static double Naive(BinaryMask mask, int gridX, int gridY, int cell)
    {
        int count = 0;
        for (int y = gridY * cell; y < Math.Min(gridY * cell + cell, mask.Height); y++)
        {
            for (int x = gridX * cell; x < Math.Min(gridX * cell + cell, mask.Width); x++)
                count += mask[x, y] ? 1 : 0;
        }

        return count / ((double)cell * cell);
    }

    private static BinaryMask RandomMask(int width, int height, ulong seed)
    {
        RandomStream random = new(seed);
        BinaryMask mask = new(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                mask[x, y] = random.Chance(0.4f);
        }

        return mask;
    }
}
