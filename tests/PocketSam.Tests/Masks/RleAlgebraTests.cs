namespace PocketSam.Tests.Masks;

public class RleAlgebraTests
{
    public static TheoryData<int, int> Sizes => MaskSamples.Sizes;

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Runs_combine_as_pixels_do(int width, int height)
    {
        BinaryMask[] masks = [.. MaskSamples.Of(width, height)];
        Rle[] runs = [.. masks.Select(Rle.Encode)];
        for (int i = 0; i < masks.Length; i++)
        {
            Assert.Equal(masks[i].Bounds, runs[i].Bounds);
            for (int j = 0; j < masks.Length; j++)
            {
                BinaryMask union = masks[i].Clone(), both = masks[i].Clone();
                union.UnionWith(masks[j]);
                both.IntersectWith(masks[j]);
                Assert.Equal(Rle.Encode(union).Counts, Rle.Union(runs[i], runs[j]).Counts);
                Assert.Equal(Rle.Encode(both).Counts, Rle.Intersect(runs[i], runs[j]).Counts);
                Assert.Equal(masks[i].Iou(masks[j]), Rle.Iou(runs[i], runs[j]));
                double part = masks[i].Area == 0 ? 0 : (double)both.Area / masks[i].Area;
                Assert.Equal(part, Rle.Iou(runs[i], runs[j], crowd: true));
            }
        }
    }

    [Fact]
    public void Empty_runs_are_stepped_over()
    {
        Rle a = Rle.FromCounts([0, 1, 0, 1, 1, 0, 0, 1, 0, 0], 2, 2), b = Rle.FromCounts([0, 0, 3, 1, 0], 2, 2);
        Assert.Equal([0, 2, 1, 1], Rle.Union(a, b).Counts);
        Assert.Equal([3, 1], Rle.Intersect(a, b).Counts);
        Assert.Equal(1.0 / 3, Rle.Iou(a, b));
        Assert.Equal(new PixelBox(0, 0, 2, 2), a.Bounds);
        Assert.Equal(new PixelBox(1, 1, 1, 1), b.Bounds);
    }

    [Fact]
    public void Other_sizes_are_refused()
    {
        Rle a = Rle.Encode(new BinaryMask(3, 2)), b = Rle.Encode(new BinaryMask(2, 3));
        Assert.Throws<ArgumentException>(() => Rle.Union(a, b));
        Assert.Throws<ArgumentException>(() => Rle.Intersect(a, b));
        Assert.Equal(
            "masks differ in size: 3x2 and 2x3 (Parameter 'b')",
            Assert.Throws<ArgumentException>(() => Rle.Iou(a, b)).Message);
    }
}
