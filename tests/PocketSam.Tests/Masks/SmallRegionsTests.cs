using PocketSam.Masks;

namespace PocketSam.Tests.Masks;

public sealed class SmallRegionsTests
{
    [Fact]
    public void Small_holes_are_filled_and_small_islands_dropped()
        => AssertBecomes(
            4,
            """
            ..........##
            .#####......
            .#.####.....
            .######.....
            .#####......
            """,
            """
            ............
            .#####......
            .######.....
            .######.....
            .#####......
            """);

    [Fact]
    public void Corners_connect()
        => AssertBecomes(
            3,
            """
            #....
            .#...
            ..#..
            ....#
            """,
            """
            #....
            .#...
            ..#..
            .....
            """);

    [Fact]
    public void Of_small_islands_only_the_largest_stays()
        => AssertBecomes(
            100,
            """
            ##.......
            .........
            ....###..
            """,
            """
            .........
            .........
            ....###..
            """,
            fillsBackground: false);

    [Fact]
    public void Nothing_small_changes_nothing()
    {
        BinaryMask mask = Parse("##..\n##..\n....\n....");
        Assert.False(SmallRegions.Remove(mask, 4));
        Assert.True(mask.ContentEquals(Parse("##..\n##..\n....\n....")));
        Assert.False(SmallRegions.Remove(new BinaryMask(5, 5), 3));
    }

    /// <summary>The definition on random masks, by flood filling.</summary>
    [Theory]
    [InlineData(1, 30, 20, 0.5, 5)]
    [InlineData(2, 70, 9, 0.4, 3)]
    [InlineData(3, 130, 30, 0.6, 12)]
    [InlineData(4, 1, 40, 0.5, 2)]
    public void Random_masks(int seed, int width, int height, double share, int minArea)
    {
        var random = new Random(seed);
        var mask = new BinaryMask(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                mask[x, y] = random.NextDouble() < share;
        }

        BinaryMask expected = mask.Clone();
        Flood(expected, minArea, set: false);
        Flood(expected, minArea, set: true);
        SmallRegions.Remove(mask, minArea);
        Assert.True(mask.ContentEquals(expected));
    }

    private static void Flood(BinaryMask mask, int minArea, bool set)
    {
        bool[,] seen = new bool[mask.Width, mask.Height];
        List<List<(int X, int Y)>> regions = [];
        for (int y = 0; y < mask.Height; y++)
        {
            for (int x = 0; x < mask.Width; x++)
            {
                if (seen[x, y] || mask[x, y] != set)
                    continue;
                List<(int X, int Y)> region = [(x, y)];
                seen[x, y] = true;
                for (int i = 0; i < region.Count; i++)
                {
                    for (int n = 0; n < 9; n++)
                    {
                        (int nx, int ny) = (region[i].X + n % 3 - 1, region[i].Y + n / 3 - 1);
                        if (nx < 0 || ny < 0 || nx >= mask.Width || ny >= mask.Height || seen[nx, ny] || mask[nx, ny] != set)
                            continue;
                        seen[nx, ny] = true;
                        region.Add((nx, ny));
                    }
                }

                regions.Add(region);
            }
        }

        if (set && regions.Count > 0 && regions.TrueForAll(r => r.Count < minArea))
            regions.Remove(regions.MaxBy(r => r.Count)!);
        foreach ((int x, int y) in regions.Where(r => r.Count < minArea).SelectMany(r => r))
            mask[x, y] = !set;
    }

    private static void AssertBecomes(int minArea, string before, string after, bool fillsBackground = true)
    {
        BinaryMask mask = Parse(before);
        if (!fillsBackground)
        {
            // A margin wide enough that the background is no hole.
            mask = new BinaryMask(40, 40);
            BinaryMask inner = Parse(before);
            for (int y = 0; y < inner.Height; y++)
            {
                for (int x = 0; x < inner.Width; x++)
                    mask[x, y] = inner[x, y];
            }
        }

        Assert.True(SmallRegions.Remove(mask, minArea));
        BinaryMask expected = Parse(after);
        for (int y = 0; y < expected.Height; y++)
        {
            for (int x = 0; x < expected.Width; x++)
                Assert.True(expected[x, y] == mask[x, y], $"pixel {x},{y}");
        }
    }

    [Fact]
    public void Runs_become_what_pixels_do()
    {
        var random = new Random(5);
        for (int i = 0; i < 400; i++)
        {
            BinaryMask mask = MaskSamples.Noise(1 + random.Next(30), 1 + random.Next(30), random.NextDouble(), random);
            double share = random.NextDouble() * 0.3;
            Rle runs = Rle.Encode(mask), cleaned = runs.RemoveSmallRegions(share);
            bool changed = SmallRegions.Remove(mask, SmallRegions.MinArea(share, mask.Area));
            Assert.Equal(Rle.Encode(mask).ToCompressed(), cleaned.ToCompressed());
            Assert.Equal(!changed, ReferenceEquals(runs, cleaned));
        }
    }

    /// <summary>A speck far away makes a box of half the picture.</summary>
    [Fact]
    public void Regions_smaller_than_a_share_of_the_mask_are_removed()
    {
        var mask = new BinaryMask(100, 80);
        mask.Fill(new PixelBox(10, 10, 20, 20));
        mask[95, 75] = true;
        Rle speckled = Rle.Encode(mask);
        Assert.Equal(new PixelBox(10, 10, 86, 66), speckled.Bounds);
        Assert.Equal(new PixelBox(10, 10, 20, 20), speckled.RemoveSmallRegions(0.01).Bounds);
        Assert.Same(speckled, speckled.RemoveSmallRegions(0));
        Assert.Same(speckled, speckled.RemoveSmallRegions(1.0 / 402));
        foreach (double share in (double[])[-0.1, 1.1, double.NaN])
            Assert.Throws<ArgumentOutOfRangeException>(() => speckled.RemoveSmallRegions(share));
    }

    private static BinaryMask Parse(string rows)
    {
        string[] lines = rows.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var mask = new BinaryMask(lines[0].Length, lines.Length);
        for (int y = 0; y < lines.Length; y++)
        {
            for (int x = 0; x < lines[y].Length; x++)
                mask[x, y] = lines[y][x] == '#';
        }

        return mask;
    }
}
