namespace PocketSam.Tests.Masks;

public class BinaryMaskTests
{
    public static TheoryData<int, int> Sizes => MaskSamples.Sizes;

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Bytes_come_back_and_agree_with_the_indexer(int width, int height)
    {
        foreach (BinaryMask mask in MaskSamples.Of(width, height))
        {
            byte[] bytes = mask.ToBytes(200);
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                    Assert.Equal(mask[x, y] ? 200 : 0, bytes[y * width + x]);
            }

            Assert.True(mask.ContentEquals(BinaryMask.FromBytes(width, height, bytes)));
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Area_and_bounds_agree_with_a_pixel_loop(int width, int height)
    {
        foreach (BinaryMask mask in MaskSamples.Of(width, height))
        {
            int area = 0, left = width, top = height, right = -1, bottom = -1;
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    if (!mask[x, y])
                        continue;
                    area++;
                    (left, top) = (Math.Min(left, x), Math.Min(top, y));
                    (right, bottom) = (Math.Max(right, x), Math.Max(bottom, y));
                }
            }

            Assert.Equal(area, mask.Area);
            PixelBox expected = area == 0 ? default : new PixelBox(left, top, right - left + 1, bottom - top + 1);
            Assert.Equal(expected, mask.Bounds);
            Assert.Equal(area == 0, mask.Bounds.IsEmpty);
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Set_operations_agree_with_a_pixel_loop(int width, int height)
    {
        BinaryMask[] masks = [.. MaskSamples.Of(width, height)];
        foreach (BinaryMask a in masks)
        {
            foreach (BinaryMask b in masks)
            {
                BinaryMask and = Changed(a, m => m.IntersectWith(b));
                BinaryMask or = Changed(a, m => m.UnionWith(b));
                BinaryMask xor = Changed(a, m => m.XorWith(b));
                BinaryMask without = Changed(a, m => m.Subtract(b));
                for (int y = 0; y < height; y++)
                {
                    for (int x = 0; x < width; x++)
                    {
                        bool left = a[x, y], right = b[x, y];
                        Assert.Equal(
                            (left & right, left | right, left ^ right, left & !right),
                            (and[x, y], or[x, y], xor[x, y], without[x, y]));
                    }
                }

                Assert.Equal(or.Area == 0 ? 0 : (double)and.Area / or.Area, a.Iou(b));
                Assert.Equal(xor.Area == 0, a.ContentEquals(b));
            }
        }
    }

    [Fact]
    public void Spans_set_their_pixels_and_no_others()
    {
        const int width = 131;
        for (int start = 0; start <= width; start++)
        {
            for (int end = start; end <= width; end++)
            {
                var mask = new BinaryMask(width, 3);
                mask.SetSpan(1, start, end);
                Assert.Equal(end - start, mask.Area);
                Assert.Equal(start == end ? default : new PixelBox(start, 1, end - start, 1), mask.Bounds);
            }
        }
    }

    [Fact]
    public void Runs_are_found_across_words()
    {
        var mask = new BinaryMask(200, 2);
        mask.SetSpan(1, 60, 140);
        mask.SetSpan(1, 199, 200);
        Assert.Equal((60, 60, 139, 199, 200), (mask.NextSet(1, 0), mask.NextSet(1, 60), mask.NextSet(1, 139),
            mask.NextSet(1, 140), mask.NextSet(1, 200)));
        Assert.Equal((0, 140, 140, 200), (mask.NextClear(1, 0), mask.NextClear(1, 60), mask.NextClear(1, 140),
            mask.NextClear(1, 199)));
        Assert.Equal(200, mask.NextSet(0, 0));
    }

    [Fact]
    public void A_clone_has_its_own_pixels()
    {
        BinaryMask mask = MaskSamples.Parse("#.", ".#");
        BinaryMask copy = mask.Clone();
        mask.Clear();
        Assert.Equal((0, 2), (mask.Area, copy.Area));
    }

    [Fact]
    public void Wrong_sizes_and_places_are_refused()
    {
        var mask = new BinaryMask(10, 4);
        Assert.Throws<ArgumentOutOfRangeException>(() => new BinaryMask(0, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BinaryMask(1 << 16, 1 << 16));
        Assert.Throws<ArgumentException>(() => mask.UnionWith(new BinaryMask(4, 10)));
        Assert.Throws<ArgumentException>(() => mask.Iou(new BinaryMask(10, 5)));
        Assert.Throws<ArgumentException>(() => BinaryMask.FromBytes(10, 4, new byte[39]));
        Assert.Throws<ArgumentOutOfRangeException>(() => mask.SetSpan(4, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => mask.SetSpan(0, 0, 11));
        Assert.Throws<ArgumentOutOfRangeException>(() => mask.SetSpan(0, -1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => mask.SetSpan(0, 4, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => mask.Fill(new PixelBox(8, 0, 3, 1)));
        Assert.Equal(0, mask.Area);
    }

    private static BinaryMask Changed(BinaryMask mask, Action<BinaryMask> change)
    {
        BinaryMask copy = mask.Clone();
        change(copy);
        return copy;
    }
}
