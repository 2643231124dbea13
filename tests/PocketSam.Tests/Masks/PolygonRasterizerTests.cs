using PocketSam.Masks;

namespace PocketSam.Tests.Masks;

public class PolygonRasterizerTests
{
    /// <summary>Height, width, polygon, and the string pycocotools (maskApi.c, 2.0) gives for it.</summary>
    public static TheoryData<int, int, double[], string> KnownPolygons => new()
    {
        { 8, 10, [1, 1, 8, 1, 8, 6, 1, 6], "95300000000000?" },
        { 16, 16, [2.5, 2.5, 2.5, 2.5, 12.5, 2.5, 12.5, 12.5, 12.5, 12.5, 2.5, 12.5], "c1:600000000000000000]1" },
        { 20, 24, [2.3, 3.1, 20.7, 5.5, 15.2, 18.9, 9.9, 9.9, 4.1, 16.6], "[11c07I5LN1O1O1O1N21O101N2N2N00N2M3N2N]2" },
        { 9, 7, [-3, -3, 12, 4, -3, 12], "0T11SO1O10O" },
        { 12, 12, [1, 1, 10, 10, 10, 1, 1, 10], "=85N2N2N=0C2N2N2f0" },
    };

    [Theory]
    [MemberData(nameof(KnownPolygons))]
    public void Masks_are_those_of_pycocotools(int height, int width, double[] polygon, string compressed)
        => Assert.Equal(compressed, Rle.Encode(PolygonRasterizer.Rasterize([polygon], width, height)).ToCompressed());

    [Fact]
    public void Every_kind_of_edge_agrees_with_the_walk_taken_step_by_step()
    {
        var random = new Random(11);
        for (int i = 0; i < 3000; i++)
        {
            int width = random.Next(1, 131), height = random.Next(1, 90);
            double[] polygon = RandomPolygon(random, width, height, style: i % 5);
            BinaryMask mask = PolygonRasterizer.Rasterize([polygon], width, height);
            Assert.True(NaiveWalk(polygon, width, height).ContentEquals(mask), $"polygon {i} in {width}x{height}");
        }
    }

    [Fact]
    public void Several_polygons_make_their_union()
    {
        double[] left = [0, 0, 4, 0, 4, 3, 0, 3];
        double[] right = [2, 1, 6, 1, 6, 3, 2, 3];
        Assert.Equal(
            ["####..", "######", "######", "......"],
            MaskSamples.Print(PolygonRasterizer.Rasterize([left, right], 6, 4)));
    }

    [Fact]
    public void A_polygon_far_larger_than_the_picture_costs_no_more_than_the_picture()
    {
        const double far = PolygonRasterizer.MaxCoordinate;
        BinaryMask mask = PolygonRasterizer.Rasterize([[-far, -far, far, -far, far, far, -far, far]], 70, 20);
        Assert.Equal(70 * 20, mask.Area);
    }

    [Theory]
    [InlineData(new double[] { 1, 2, 3, 4, 5, 6, 7 }, "7 coordinates, an odd number")]
    [InlineData(new double[] { 1, 2, 3, 4 }, "2 points, fewer than 3")]
    [InlineData(new double[] { 1, 2, double.NaN, 4, 5, 6 }, "NaN is not a finite number")]
    [InlineData(new double[] { 1, 2, double.NegativeInfinity, 4, 5, 6 }, "not a finite number")]
    [InlineData(new double[] { 1, 2, 3e8, 4, 5, 6 }, "not a finite number")]
    public void What_is_no_polygon_is_refused(double[] polygon, string reason)
    {
        FormatException exception = Assert.Throws<FormatException>(() => PolygonRasterizer.Rasterize([polygon], 9, 9));
        Assert.Contains(reason, exception.Message);
    }

    private static double[] RandomPolygon(Random random, int width, int height, int style)
    {
        double[] polygon = new double[2 * random.Next(3, 13)];
        double margin = style == 0 ? 40 : style == 1 ? 3 : 0;
        for (int i = 0; i < polygon.Length; i++)
        {
            double extent = (i % 2 == 0 ? width : height) + 2 * margin;
            polygon[i] = random.NextDouble() * extent - margin;
            if (style == 2)
                polygon[i] = Math.Round(polygon[i]);
            if (style == 3)
                polygon[i] = Math.Round(polygon[i], 1);
            if (style == 4 && i > 1 && random.Next(3) == 0)
                polygon[i] = polygon[i - 2];
        }

        return polygon;
    }

    // Visits every lattice point of the boundary, and turns over all pixels from each change to the column's bottom.
    private static BinaryMask NaiveWalk(double[] polygon, int width, int height)
    {
        (int X, int Y)[] vertices = [.. polygon.Chunk(2).Select(p => ((int)(5 * p[0] + 0.5), (int)(5 * p[1] + 0.5)))];
        var walk = new List<(int X, int Y)>();
        for (int i = 0; i < vertices.Length; i++)
        {
            (int X, int Y) from = vertices[i], to = vertices[(i + 1) % vertices.Length];
            int across = to.X - from.X, down = to.Y - from.Y;
            int steps = Math.Max(Math.Abs(across), Math.Abs(down));
            bool flat = Math.Abs(across) >= Math.Abs(down);
            bool backwards = flat ? across < 0 : down < 0;
            (int X, int Y) start = backwards ? to : from;
            double slopeX = flat ? 1 : (double)across / down, slopeY = flat ? (double)down / across : 1;
            for (int step = 0; step <= steps && steps > 0; step++)
            {
                int t = backwards ? steps - step : step;
                walk.Add(flat
                    ? (start.X + t, (int)(start.Y + slopeY * t + 0.5))
                    : ((int)(start.X + slopeX * t + 0.5), start.Y + t));
            }
        }

        var mask = new BinaryMask(width, height);
        for (int i = 1; i < walk.Count; i++)
        {
            int left = Math.Min(walk[i].X, walk[i - 1].X);
            if (walk[i].X == walk[i - 1].X || left < 0 || left % 5 != 2 || left / 5 >= width)
                continue;
            double y = (Math.Min(walk[i].Y, walk[i - 1].Y) + 0.5) / 5 - 0.5;
            for (int row = (int)Math.Ceiling(Math.Clamp(y, 0, height)); row < height; row++)
                mask[left / 5, row] ^= true;
        }

        return mask;
    }
}
