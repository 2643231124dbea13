using PocketSam.Masks;

namespace PocketSam.Tests.Masks;

public class MaskPolygonTests
{
    public static TheoryData<int, int> Sizes => MaskSamples.Sizes;

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Exact_polygons_fill_to_the_same_mask(int width, int height)
    {
        foreach (BinaryMask mask in MaskSamples.Of(width, height))
        {
            IReadOnlyList<MaskPolygon> polygons = mask.ToPolygons(0);
            Assert.True(mask.ContentEquals(Fill(polygons, width, height)));
            foreach (MaskPolygon polygon in polygons)
            {
                Assert.True(TwiceArea(polygon.Outer) > 0);
                Assert.All(polygon.Holes, hole => Assert.True(TwiceArea(hole) < 0));
                Assert.All(polygon.Rings, AssertTurnsEverywhere);
            }

            Assert.Equal(2 * mask.Area, polygons.Sum(polygon => polygon.Rings.Sum(TwiceArea)));
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Runs_have_the_polygons_of_their_mask(int width, int height)
    {
        foreach (BinaryMask mask in MaskSamples.Of(width, height))
        {
            foreach (double tolerance in (double[])[0, 1.5])
                AssertSame(mask.ToPolygons(tolerance), Rle.Encode(mask).ToPolygons(tolerance));
        }
    }

    [Fact]
    public void Corners_are_those_of_pixels()
    {
        MaskPolygon polygon = Assert.Single(MaskSamples.Parse("....", ".##.", ".#..").ToPolygons(0));
        Assert.Equal([(1, 1), (3, 1), (3, 2), (2, 2), (2, 3), (1, 3)], Corners(polygon.Outer));
        Assert.Empty(polygon.Holes);
    }

    [Fact]
    public void Pixels_that_touch_at_a_corner_are_two_parts_and_holes_that_do_are_two()
    {
        IReadOnlyList<MaskPolygon> squares = MaskSamples.Parse("##..", "##..", "..##", "..##").ToPolygons(0);
        Assert.Equal(
            [[(0, 0), (2, 0), (2, 2), (0, 2)], [(2, 2), (4, 2), (4, 4), (2, 4)]],
            squares.Select(polygon => Corners(polygon.Outer)));
        MaskPolygon polygon = Assert.Single(MaskSamples.Parse("####", "#.##", "##.#", "####").ToPolygons(0));
        Assert.Equal(2, polygon.Holes.Count);
        Assert.All(polygon.Holes, hole => Assert.Equal(4, hole.Count));
    }

    [Fact]
    public void A_part_that_closes_at_a_corner_has_a_hole_that_touches_its_border()
    {
        MaskPolygon polygon = Assert.Single(MaskSamples.Parse("###", "#.#", "##.").ToPolygons(0));
        Assert.Equal(6, polygon.Outer.Count);
        Assert.Equal(4, Assert.Single(polygon.Holes).Count);
        Assert.Contains(new PixelCorner(2, 2), polygon.Outer);
        Assert.Contains(new PixelCorner(2, 2), polygon.Holes[0]);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Runs_tell_how_many_corners_there_are(int width, int height)
    {
        foreach (BinaryMask mask in MaskSamples.Of(width, height))
        {
            int corners = mask.ToPolygons(0).SelectMany(polygon => polygon.Rings).Sum(ring => ring.Count);
            Assert.Equal(corners, Rle.Encode(mask).CountCorners());
        }

        Assert.Equal(4, Rle.FromCounts([0, 3, 0, 3], 3, 2).CountCorners());
        Assert.Equal(4, Rle.FromCounts([1, 1, 0, 1, 6], 3, 3).CountCorners());
    }

    [Fact]
    public void Holes_belong_to_the_part_around_them()
    {
        BinaryMask mask = MaskSamples.Parse(
            "#######.###",
            "#.....#.#.#",
            "#.###.#.###",
            "#.#.#.#....",
            "#.###.#...#",
            "#.....#....",
            "#######....");

        IReadOnlyList<MaskPolygon> polygons = mask.ToPolygons(0);

        Assert.Equal([(0, 0, 1), (8, 0, 1), (2, 2, 1), (10, 4, 0)], polygons.Select(
            p => (p.Outer.Min(c => c.X), p.Outer.Min(c => c.Y), p.Holes.Count)));
        Assert.Equal([(1, 1), (9, 1), (3, 3)], polygons.Take(3).Select(
            p => (p.Holes[0].Min(c => c.X), p.Holes[0].Min(c => c.Y))));
    }

    [Fact]
    public void An_empty_mask_has_no_polygon()
    {
        Assert.Empty(new BinaryMask(7, 5).ToPolygons());
        Assert.Empty(Rle.Encode(new BinaryMask(7, 5)).ToPolygons());
    }

    [Fact]
    public void A_pixel_and_a_line_stay_what_they_are_at_any_tolerance()
    {
        foreach (BinaryMask mask in (BinaryMask[])[
            MaskSamples.Parse("#"), MaskSamples.Parse("...", ".#.", "..."), MaskSamples.Parse("####"),
            MaskSamples.Parse(".#", ".#", ".#")])
        {
            foreach (double tolerance in (double[])[0, 1, 100])
                Assert.True(mask.ContentEquals(Fill(mask.ToPolygons(tolerance), mask.Width, mask.Height)));
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Simplified_rings_keep_three_corners_of_their_own_and_lie_near_all_others(int width, int height)
    {
        foreach (BinaryMask mask in MaskSamples.Of(width, height))
        {
            IReadOnlyList<MaskPolygon> exact = mask.ToPolygons(0);
            foreach (double tolerance in (double[])[0.5, 1, 4])
            {
                foreach ((MaskPolygon full, MaskPolygon simple) in exact.Zip(mask.ToPolygons(tolerance)))
                {
                    foreach ((IReadOnlyList<PixelCorner> all, IReadOnlyList<PixelCorner> kept)
                        in full.Rings.Zip(simple.Rings))
                    {
                        Assert.InRange(kept.Count, 3, all.Count);
                        Assert.Subset(all.ToHashSet(), kept.ToHashSet());
                        Assert.All(all, corner => Assert.True(Distance(corner, kept) <= tolerance + 1e-9));
                    }
                }
            }
        }
    }

    [Fact]
    public void A_disc_needs_few_corners_and_keeps_its_shape()
    {
        var disc = new BinaryMask(200, 200);
        for (int y = 0; y < 200; y++)
        {
            for (int x = 0; x < 200; x++)
                disc[x, y] = (x - 99.5) * (x - 99.5) + (y - 99.5) * (y - 99.5) < 90 * 90;
        }

        MaskPolygon polygon = Assert.Single(disc.ToPolygons());

        Assert.InRange(polygon.Outer.Count, 8, 60);
        Assert.True(disc.Iou(Fill([polygon], 200, 200)) > 0.98);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Bad_tolerances_are_refused(double tolerance)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new BinaryMask(2, 2).ToPolygons(tolerance));
        Assert.Throws<ArgumentOutOfRangeException>(() => Rle.Encode(new BinaryMask(2, 2)).ToPolygons(tolerance));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Crops_agree_with_a_pixel_loop(int width, int height)
    {
        var random = new Random(width + height);
        foreach (BinaryMask mask in MaskSamples.Of(width, height))
        {
            int x = random.Next(width), y = random.Next(height);
            var box = new PixelBox(x, y, random.Next(width - x) + 1, random.Next(height - y) + 1);
            var expected = new BinaryMask(box.Width, box.Height);
            for (int row = 0; row < box.Height; row++)
            {
                for (int column = 0; column < box.Width; column++)
                    expected[column, row] = mask[x + column, y + row];
            }

            Assert.True(expected.ContentEquals(mask.Crop(box)));
            Assert.True(expected.ContentEquals(Rle.Encode(mask).Crop(box)));
        }
    }

    [Fact]
    public void Crops_outside_are_refused()
    {
        var mask = new BinaryMask(4, 3);
        foreach (PixelBox box in (PixelBox[])[
            default, new(-1, 0, 2, 2), new(0, -1, 2, 2), new(3, 0, 2, 2), new(0, 2, 2, 2), new(0, 0, int.MaxValue, 1)])
        {
            Assert.Throws<ArgumentException>(() => mask.Crop(box));
            Assert.Throws<ArgumentException>(() => Rle.Encode(mask).Crop(box));
        }
    }

    /// <summary>By the even-odd rule.</summary>
    private static BinaryMask Fill(IEnumerable<MaskPolygon> polygons, int width, int height)
    {
        var mask = new BinaryMask(width, height);
        foreach (IReadOnlyList<PixelCorner> ring in polygons.SelectMany(polygon => polygon.Rings))
        {
            double[] flat = [.. ring.SelectMany(corner => (double[])[corner.X, corner.Y])];
            mask.XorWith(PolygonRasterizer.Rasterize([flat], width, height));
        }

        return mask;
    }

    private static int TwiceArea(IReadOnlyList<PixelCorner> ring)
        => ring.Select((a, i) => (a, b: ring[(i + 1) % ring.Count]))
            .Sum(edge => edge.a.X * edge.b.Y - edge.b.X * edge.a.Y);

    private static void AssertTurnsEverywhere(IReadOnlyList<PixelCorner> ring)
    {
        for (int i = 0; i < ring.Count; i++)
        {
            PixelCorner a = ring[i], b = ring[(i + 1) % ring.Count], c = ring[(i + 2) % ring.Count];
            Assert.True(a.X == b.X && b.Y == c.Y || a.Y == b.Y && b.X == c.X);
            Assert.NotEqual(a, b);
        }
    }

    private static double Distance(PixelCorner point, IReadOnlyList<PixelCorner> ring)
        => ring.Select((a, i) => Distance(point, a, ring[(i + 1) % ring.Count])).Min();

    private static double Distance(PixelCorner p, PixelCorner a, PixelCorner b)
    {
        double dx = b.X - a.X, dy = b.Y - a.Y, square = dx * dx + dy * dy;
        double t = square == 0 ? 0 : Math.Clamp(((p.X - a.X) * dx + (p.Y - a.Y) * dy) / square, 0, 1);
        return Math.Sqrt(Math.Pow(p.X - a.X - t * dx, 2) + Math.Pow(p.Y - a.Y - t * dy, 2));
    }

    private static (int X, int Y)[] Corners(IReadOnlyList<PixelCorner> ring) => [.. ring.Select(c => (c.X, c.Y))];

    private static void AssertSame(IReadOnlyList<MaskPolygon> expected, IReadOnlyList<MaskPolygon> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        foreach ((MaskPolygon a, MaskPolygon b) in expected.Zip(actual))
            Assert.Equal(a.Rings.Select(Corners), b.Rings.Select(Corners));
    }
}
