using CsCheck;
using PocketSam.Masks;

namespace PocketSam.Tests.Masks;

/// <summary>Laws of masks that hold for whatever mask there is, over masks of boxes, noise and gaps.</summary>
public sealed class MaskProperties
{
    private const int Masks = 400;

    private static readonly Gen<BinaryMask> Mask = Gen.Select(Gen.Int[1, 140], Gen.Int[1, 70]).SelectMany((width, height) =>
        MaskOf(width, height));

    /// <summary>Two masks of one size.</summary>
    private static readonly Gen<(BinaryMask A, BinaryMask B)> Pair = Gen.Select(Gen.Int[1, 100], Gen.Int[1, 50])
        .SelectMany((width, height) => Gen.Select(MaskOf(width, height), MaskOf(width, height)));

    [Fact]
    public void Run_lengths_and_their_string_come_back_as_the_mask()
        => Mask.Sample(
            mask =>
            {
                Rle rle = Rle.Encode(mask);
                Assert.True(mask.ContentEquals(rle.ToMask()));
                Assert.Equal(mask.Area, rle.Area);
                Assert.Equal(mask.Bounds, rle.Bounds);
                Assert.True(mask.ContentEquals(Rle.FromCompressed(rle.ToCompressed(), rle.Height, rle.Width).ToMask()));
                Assert.True(mask.ContentEquals(Rle.FromCounts(rle.Counts, rle.Height, rle.Width).ToMask()));
            },
            iter: Masks);

    [Fact]
    public void Exact_outlines_filled_are_the_mask()
        => Mask.Sample(
            mask =>
            {
                var filled = new BinaryMask(mask.Width, mask.Height);
                foreach (IReadOnlyList<PixelCorner> ring in mask.ToPolygons(0).SelectMany(polygon => polygon.Rings))
                {
                    double[] flat = [.. ring.SelectMany(corner => (double[])[corner.X, corner.Y])];
                    filled.XorWith(PolygonRasterizer.Rasterize([flat], mask.Width, mask.Height));
                }

                Assert.True(mask.ContentEquals(filled));
            },
            iter: Masks);

    [Fact]
    public void Union_and_intersection_of_runs_are_those_of_pixels()
        => Pair.Sample(
            (a, b) =>
            {
                Rle x = Rle.Encode(a), y = Rle.Encode(b);
                BinaryMask union = a.Clone(), both = a.Clone(), left = a.Clone();
                union.UnionWith(b);
                both.IntersectWith(b);
                left.Subtract(b);
                Assert.True(union.ContentEquals(Rle.Union(x, y).ToMask()));
                Assert.True(both.ContentEquals(Rle.Intersect(x, y).ToMask()));
                Assert.Equal(a.Area + b.Area, union.Area + both.Area);
                Assert.Equal(a.Area - both.Area, left.Area);
                Assert.Equal(Rle.Iou(x, y), Rle.Iou(y, x));
                Assert.Equal(a.Iou(b), Rle.Iou(x, y));
                Assert.Equal(union.Area == 0 ? 0 : (double)both.Area / union.Area, a.Iou(b), 12);
            },
            iter: Masks);

    [Fact]
    public void A_crop_set_back_in_is_the_part_of_the_mask()
        => Mask.SelectMany(mask => Gen.Select(Gen.Const(mask), Gen.Int[0, mask.Width - 1], Gen.Int[0, mask.Height - 1]))
            .Sample(
                (mask, x, y) =>
                {
                    var box = new PixelBox(x, y, mask.Width - x, mask.Height - y);
                    BinaryMask part = Rle.FromCrop(mask.Crop(box), box, mask.Width, mask.Height).ToMask(), expected = mask.Clone();
                    var window = new BinaryMask(mask.Width, mask.Height);
                    window.Fill(box);
                    expected.IntersectWith(window);
                    Assert.True(expected.ContentEquals(part));
                },
                iter: Masks);

    [Fact]
    public void What_is_written_as_COCO_is_read_as_it_was()
    {
        using var folder = new TemporaryFolder();
        string path = folder["masks.json"];
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 40]).SelectMany((width, height) => MaskOf(width, height).List[1, 4])
            .Sample(
                masks =>
                {
                    masks.RemoveAll(mask => mask.Area == 0);
                    if (masks.Count == 0)
                        return;
                    CocoWriter.Write(path, [new AnnotatedPicture(
                        folder["a.png"], masks[0].Width, masks[0].Height, [.. masks.Select(mask => new Annotation(mask))])]);
                    CocoImage image = Assert.Single(CocoDataset.Load(path).Images);
                    BinaryMask[] read = [.. image.DecodeMasks(minArea: 0)];
                    Assert.Equal(masks.Count, read.Length);
                    for (int i = 0; i < read.Length; i++)
                        Assert.True(masks[i].ContentEquals(read[i]));
                },
                iter: 100, threads: 1);
    }

    /// <summary>Up to five boxes, a share of whose pixels is turned.</summary>
    private static Gen<BinaryMask> MaskOf(int width, int height)
    {
        Gen<PixelBox> box = Gen.Select(
            Gen.Int[0, width - 1], Gen.Int[0, height - 1], Gen.Int[1, width], Gen.Int[1, height],
            (x, y, w, h) => new PixelBox(x, y, Math.Min(w, width - x), Math.Min(h, height - y)));
        Gen<(int X, int Y)[]> turned = Gen.Select(Gen.Int[0, width - 1], Gen.Int[0, height - 1]).Array[0, 60];
        return Gen.Select(box.Array[0, 5], turned, (boxes, pixels) =>
        {
            var mask = new BinaryMask(width, height);
            foreach (PixelBox filled in boxes)
                mask.Fill(filled);
            foreach ((int x, int y) in pixels)
                mask[x, y] = !mask[x, y];
            return mask;
        });
    }
}
