using PocketSam.Masks;

namespace PocketSam.Tests.Masks;

public class DistanceTransformTests
{
    public static TheoryData<int, int> Sizes => MaskSamples.Sizes;

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Distances_agree_with_looking_at_every_pixel(int width, int height)
    {
        foreach (BinaryMask mask in MaskSamples.Of(width, height))
        {
            int[] expected = Naive(mask);
            Assert.Equal(expected, DistanceTransform.Squared(mask));

            int best = expected.Max();
            int first = Array.IndexOf(expected, best);
            (int X, int Y)? farthest = DistanceTransform.FarthestFromEdge(mask, out int squared);
            Assert.Equal(best, squared);
            Assert.Equal(best == 0 ? null : (first % width, first / width), farthest);
        }
    }

    [Fact]
    public void Round_and_slanted_shapes_agree_with_looking_at_every_pixel()
    {
        var random = new Random(3);
        for (int i = 0; i < 40; i++)
        {
            double[] polygon = new double[2 * random.Next(3, 9)];
            for (int j = 0; j < polygon.Length; j++)
                polygon[j] = random.NextDouble() * 70 - 5;
            BinaryMask mask = PolygonRasterizer.Rasterize([polygon], 60, 60);
            Assert.Equal(Naive(mask), DistanceTransform.Squared(mask));
        }
    }

    [Fact]
    public void The_picture_ends_are_edges()
    {
        var full = new BinaryMask(7, 5);
        full.Fill(new PixelBox(0, 0, 7, 5));
        Assert.Equal((2, 2), DistanceTransform.FarthestFromEdge(full, out int squared));
        Assert.Equal(9, squared);
    }

    [Fact]
    public void The_first_of_equals_in_row_major_order_is_taken()
    {
        BinaryMask mask = MaskSamples.Parse("......###", "###...###", "###...###", "###......");
        Assert.Equal((7, 1), DistanceTransform.FarthestFromEdge(mask));
    }

    [Fact]
    public void An_empty_mask_has_no_farthest_pixel()
    {
        Assert.Null(DistanceTransform.FarthestFromEdge(new BinaryMask(5, 5), out int squared));
        Assert.Equal(0, squared);
    }

    [Fact]
    public void Long_thin_pictures_lose_no_precision()
    {
        const int length = 60_000;
        var mask = new BinaryMask(length, 1);
        mask.SetSpan(0, 0, length);
        Assert.All(DistanceTransform.Squared(mask), squared => Assert.Equal(1, squared));
        Assert.Equal((0, 0), DistanceTransform.FarthestFromEdge(mask));
    }

    // For each pixel of the mask the nearest of all pixels outside, the frame around the picture among them.
    private static int[] Naive(BinaryMask mask)
    {
        var outside = new List<(int X, int Y)>();
        for (int y = -1; y <= mask.Height; y++)
        {
            for (int x = -1; x <= mask.Width; x++)
            {
                if (x < 0 || y < 0 || x == mask.Width || y == mask.Height || !mask[x, y])
                    outside.Add((x, y));
            }
        }

        int[] squared = new int[mask.Width * mask.Height];
        for (int i = 0; i < squared.Length; i++)
        {
            (int y, int x) = Math.DivRem(i, mask.Width);
            if (mask[x, y])
                squared[i] = outside.Min(p => (p.X - x) * (p.X - x) + (p.Y - y) * (p.Y - y));
        }

        return squared;
    }
}
