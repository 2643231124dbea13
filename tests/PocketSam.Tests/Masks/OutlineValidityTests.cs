using PocketSam.Masks.Formats;

namespace PocketSam.Tests.Masks;

/// <summary>Polygons are valid by OGC Simple Features, exact and simplified.</summary>
public sealed class OutlineValidityTests
{
    private static readonly double[] Tolerances = [0, 0.5, 1, 3, 50];

    [Theory]
    [InlineData(1, 900, 14)]
    [InlineData(2, 300, 33)]
    [InlineData(3, 60, 90)]
    public void Noise_of_all_densities_is_valid(int seed, int count, int side)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
        {
            BinaryMask mask = MaskSamples.Noise(1 + random.Next(side), 1 + random.Next(side), random.NextDouble(), random);
            RequireValid(mask, $"mask {i}");
        }
    }

    [Theory]
    [InlineData(4, 900, 40)]
    [InlineData(5, 60, 200)]
    public void Coarse_shapes_with_holes_are_valid(int seed, int count, int side)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
            RequireValid(Shapes(8 + random.Next(side), 8 + random.Next(side), random), $"mask {i}");
    }

    [Fact]
    public void Thin_walls_spirals_and_nested_rings_are_valid()
    {
        RequireValid(Spiral(61), "spiral");
        var nested = new BinaryMask(60, 60);
        for (int i = 0; i < 15; i++)
            nested.XorWith(Filled(60, new PixelBox(2 * i, 2 * i, 60 - 4 * i, 60 - 4 * i)));
        RequireValid(nested, "nested");
        var comb = new BinaryMask(121, 40);
        for (int x = 0; x < 121; x += 2)
            comb.Fill(new PixelBox(x, x % 7, 1, 40 - x % 7));
        comb.Fill(new PixelBox(0, 39, 121, 1));
        RequireValid(comb, "comb");
    }

    /// <summary>A hole near the tip of a spike, which a tolerance beyond the spike would leave outside.</summary>
    [Fact]
    public void Holes_stay_inside_and_parts_outside_of_each_other()
    {
        var mask = new BinaryMask(100, 60);
        mask.Fill(new PixelBox(0, 30, 100, 30));
        mask.Fill(new PixelBox(45, 0, 9, 30));
        mask.XorWith(Filled(100, 60, new PixelBox(48, 3, 3, 3)));
        foreach (double tolerance in Tolerances)
        {
            MaskPolygon polygon = Assert.Single(mask.ToPolygons(tolerance));
            Assert.Single(polygon.Holes);
            Assert.Null(OgcValidity.Reason([polygon]));
        }
    }

    /// <summary>Where nothing is in the way, outlines are those of the method alone, whose corners are known.</summary>
    [Fact]
    public void Other_rings_change_nothing_that_is_far_away()
    {
        var random = new Random(7);
        for (int i = 0; i < 200; i++)
        {
            BinaryMask alone = Shapes(40, 40, random);
            if (alone.ToPolygons(0) is not [{ Holes.Count: 0 }])
                continue;
            var beside = new BinaryMask(140, 40);
            for (int y = 0; y < 40; y++)
            {
                for (int x = alone.NextSet(y, 0); x < 40; x = alone.NextSet(y, x + 1))
                    beside[x, y] = true;
            }

            beside.Fill(new PixelBox(120, 5, 20, 30));
            Assert.Equal(
                alone.ToPolygons(2)[0].Outer,
                beside.ToPolygons(2).Single(polygon => polygon.Outer.All(corner => corner.X <= 40)).Outer);
        }
    }

    /// <summary>The most intricate ring there is takes no time that grows with its square.</summary>
    [Fact]
    public void A_ring_of_many_corners_is_simplified_piece_by_piece()
    {
        var comb = new BinaryMask(40_001, 400);
        for (int x = 0; x < comb.Width; x += 2)
            comb.Fill(new PixelBox(x, x % 389, 1, 399 - x % 389));
        comb.Fill(new PixelBox(0, 399, comb.Width, 1));
        IReadOnlyList<PixelCorner> ring = Assert.Single(comb.ToPolygons(1000)).Outer;
        Assert.InRange(ring.Count, 3, 80_000);
    }

    [Fact]
    public void Joined_rings_are_reached_from_the_nearest_corner()
    {
        var random = new Random(3);
        for (int i = 0; i < 30; i++)
        {
            BinaryMask mask = MaskSamples.Noise(30 + random.Next(40), 30 + random.Next(40), random.NextDouble(), random);
            List<IReadOnlyList<PixelCorner>> rings = [.. mask.ToPolygons(0).SelectMany(polygon => polygon.Rings)];
            Assert.Equal(JoinSlowly(rings), RingBridge.Join(rings));
        }
    }

    private static List<PixelCorner> JoinSlowly(List<IReadOnlyList<PixelCorner>> rings)
    {
        List<PixelCorner> joined = [.. rings.FirstOrDefault() ?? []];
        foreach (IReadOnlyList<PixelCorner> ring in rings.Skip(1))
        {
            (int at, int entry, long least) = (0, 0, long.MaxValue);
            for (int i = 0; i < joined.Count; i++)
            {
                for (int j = 0; j < ring.Count; j++)
                {
                    long dx = joined[i].X - ring[j].X, dy = joined[i].Y - ring[j].Y;
                    if (dx * dx + dy * dy < least)
                        (at, entry, least) = (i, j, dx * dx + dy * dy);
                }
            }

            joined.InsertRange(at + 1, [.. ring.Skip(entry), .. ring.Take(entry + 1), joined[at]]);
        }

        return joined;
    }

    private static void RequireValid(BinaryMask mask, string name)
    {
        foreach (double tolerance in Tolerances)
        {
            IReadOnlyList<MaskPolygon> polygons = mask.ToPolygons(tolerance);
            string? reason = OgcValidity.Reason(polygons);
            Assert.True(reason is null, $"{name}, tolerance {tolerance}: {reason}\n{string.Join('\n', MaskSamples.Print(mask))}");
            if (tolerance == 0)
                Assert.Equal(mask.Area, OgcValidity.ToGeometry(polygons).Area);
        }
    }

    private static BinaryMask Shapes(int width, int height, Random random)
    {
        var mask = new BinaryMask(width, height);
        int count = 2 + random.Next(12);
        for (int i = 0; i < count; i++)
        {
            double centreX = random.Next(width), centreY = random.Next(height), radius = 1 + random.Next(1 + width / 3);
            double stretch = 0.3 + random.NextDouble() * 2;
            bool value = i == 0 || random.NextDouble() < 0.6;
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    double dx = x - centreX, dy = (y - centreY) * stretch;
                    if (dx * dx + dy * dy < radius * radius)
                        mask[x, y] = value;
                }
            }
        }

        return mask;
    }

    private static BinaryMask Spiral(int side)
    {
        var mask = new BinaryMask(side, side);
        int x = 0, y = 0, dx = 1, dy = 0, left = side - 1, turns = 0;
        mask[0, 0] = true;
        while (left > 1)
        {
            for (int i = 0; i < left; i++)
                mask[x += dx, y += dy] = true;
            (dx, dy) = (-dy, dx);
            if (++turns > 2 && turns % 2 == 1)
                left -= 2;
        }

        return mask;
    }

    private static BinaryMask Filled(int side, PixelBox box) => Filled(side, side, box);

    private static BinaryMask Filled(int width, int height, PixelBox box)
    {
        var mask = new BinaryMask(width, height);
        mask.Fill(box);
        return mask;
    }
}
