using PocketSam.Models;

namespace PocketSam.Tests.Segmentation;

/// <summary>Others like an example, in made-up scenes and with models whose weights say nothing: what is asserted is order and bounds.</summary>
public sealed class SimilarObjectsTests
{
    private static readonly Sam Nano = Sam.Over(SamModel.Create(ModelZoo.Nano, seed: 1));
    private static readonly RgbImage Scene = Circles();

    [Fact]
    public void Mask_is_most_alike_to_itself_and_order_is_by_similarity()
    {
        Rle example = Circle(20, 20);
        var similar = new SimilarObjects(Nano, [new SimilarExample(Scene, example)]);
        using ImageEmbedding photo = Nano.Encode(Scene, similar.ImageSize);
        GeneratedMask[] masks = [Found(Circle(20, 20)), Found(Circle(80, 20)), Found(Circle(20, 80)), Found(Square(70, 60, 50))];
        IReadOnlyList<SimilarMask> ranked = similar.Rank(Scene, photo, masks, 0);

        Assert.Equal(4, ranked.Count);
        Assert.Equal(1, Rle.Iou(example, ranked[0].Mask.Segmentation));
        Assert.Equal(1, ranked[0].Similarity, 4);
        Assert.All(ranked, mask => Assert.InRange(mask.Similarity, 0, 1.0001f));
        Assert.Equal(ranked.OrderByDescending(mask => mask.Similarity), ranked);
        // The large dark square is farther in size and colour than circles of the same colour.
        Assert.Equal(1, Rle.Iou(Square(70, 60, 50), ranked[^1].Mask.Segmentation));
    }

    [Fact]
    public void Threshold_only_cuts_and_known_masks_are_left_out()
    {
        var similar = new SimilarObjects(Nano, [new SimilarExample(Scene, Circle(20, 20))]);
        using ImageEmbedding photo = Nano.Encode(Scene, similar.ImageSize);
        GeneratedMask[] masks = [Found(Circle(20, 20)), Found(Circle(80, 20)), Found(Circle(81, 20)), Found(Square(70, 60, 50))];
        IReadOnlyList<SimilarMask> all = similar.Rank(Scene, photo, masks, 0);
        Assert.Equal(3, all.Count);
        foreach (float threshold in new[] { 0.2f, 0.5f, 0.8f, 1f })
            Assert.Equal(all.Where(mask => mask.Similarity >= threshold), similar.Rank(Scene, photo, masks, threshold));
        SimilarMask left = Assert.Single(similar.Rank(Scene, photo, masks, 0, [Circle(20, 20), Circle(80, 21)]));
        Assert.Same(masks[3], left.Mask);
    }

    [Fact]
    public void Several_examples_count_by_the_nearest()
    {
        SimilarExample one = new(Scene, Circle(20, 20)), other = new(Scene, Square(70, 60, 50));
        using ImageEmbedding photo = Nano.Encode(Scene, 64);
        GeneratedMask[] masks = [Found(Circle(80, 20)), Found(Circle(20, 80)), Found(Square(70, 60, 50))];
        float[] Of(params SimilarExample[] examples)
        {
            var similar = new SimilarObjects(Nano, examples, imageSize: 64);
            IReadOnlyList<SimilarMask> ranked = similar.Rank(Scene, photo, masks, 0);
            return [.. masks.Select(mask => ranked.Single(r => ReferenceEquals(r.Mask, mask)).Similarity)];
        }

        float[] first = Of(one), second = Of(other);
        Assert.Equal(first.Zip(second, Math.Max), Of(one, other));
    }

    [Fact]
    public void Small_examples_are_looked_for_at_a_larger_input()
    {
        int own = Nano.Config.ImageSize;
        Assert.Equal(own, new SimilarObjects(Nano, [new SimilarExample(Scene, Rle.Encode(Full(Scene)))]).ImageSize);
        int chosen = new SimilarObjects(Nano, [new SimilarExample(Scene, Circle(20, 20))]).ImageSize;
        Assert.InRange(chosen, own, 1024);
        Assert.Equal(0, chosen % 64);
        // 80 pixels for a side of 8 of 128.
        Assert.Equal(1024, new SimilarObjects(Nano, [new SimilarExample(Scene, Square(4, 4, 8))]).ImageSize);
        Assert.Equal(64, new SimilarObjects(Nano, [new SimilarExample(Scene, Square(4, 4, 8))], imageSize: 64).ImageSize);
    }

    [Fact]
    public void Find_gives_the_same_as_everything_and_rank()
    {
        var similar = new SimilarObjects(Nano, [new SimilarExample(Scene, Circle(20, 20))], 64, new MaskGeneratorOptions
        {
            PointsPerSide = 6, PredIouThresh = 0, StabilityScoreThresh = 0,
        });
        IReadOnlyList<SimilarMask> found = similar.Find(Scene, 0);
        using ImageEmbedding photo = Nano.Encode(Scene, 64);
        var generator = new MaskGenerator(Nano, new MaskGeneratorOptions { PointsPerSide = 6, PredIouThresh = 0, StabilityScoreThresh = 0 });
        IReadOnlyList<SimilarMask> ranked = similar.Rank(Scene, photo, generator.Generate(Scene, photo), 0);
        Assert.Equal(
            ranked.Select(mask => (mask.Similarity, mask.Mask.Box, mask.Mask.Area)),
            found.Select(mask => (mask.Similarity, mask.Mask.Box, mask.Mask.Area)));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        SimilarExample good = new(Scene, Circle(20, 20));
        Assert.Contains("no example", Assert.Throws<ArgumentException>(() => new SimilarObjects(Nano, [])).Message);
        Assert.Contains("empty", Assert.Throws<ArgumentException>(
            () => new SimilarObjects(Nano, [good with { Mask = Rle.Encode(new BinaryMask(128, 128)) }])).Message);
        Assert.Contains("64x64", Assert.Throws<ArgumentException>(
            () => new SimilarObjects(Nano, [good with { Mask = Rle.Encode(new BinaryMask(64, 64)) }])).Message);
        var similar = new SimilarObjects(Nano, [good], imageSize: 128);
        using ImageEmbedding small = Nano.Encode(Scene, 64), photo = Nano.Encode(Scene, 128);
        Assert.Contains("at 64", Assert.Throws<ArgumentException>(() => similar.Rank(Scene, small, [])).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => similar.Rank(Scene, photo, [], float.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => similar.Rank(Scene, photo, [], 1.5f));
        Assert.Contains("known mask", Assert.Throws<ArgumentException>(
            () => similar.Rank(Scene, photo, [], 0, [Rle.Encode(new BinaryMask(64, 64))])).Message);
        Assert.Throws<OperationCanceledException>(
            () => similar.Find(Scene, cancellation: new CancellationToken(canceled: true)));
    }

    private static GeneratedMask Found(Rle mask) => new()
    {
        Segmentation = mask, Area = mask.Area, Box = mask.Bounds, PredictedIou = 0.9f, StabilityScore = 0.9f, PointCoords = [],
        CropBox = new PixelBox(0, 0, 128, 128),
    };

    private static Rle Circle(int x, int y) => Drawn((px, py) => (px - x) * (px - x) + (py - y) * (py - y) <= 100);

    private static Rle Square(int x, int y, int side) => Drawn((px, py) => px >= x && px < x + side && py >= y && py < y + side);

    private static Rle Drawn(Func<int, int, bool> inside)
    {
        var mask = new BinaryMask(128, 128);
        for (int y = 0; y < 128; y++)
        {
            for (int x = 0; x < 128; x++)
                mask[x, y] = inside(x, y);
        }

        return Rle.Encode(mask);
    }

    private static BinaryMask Full(RgbImage image)
    {
        var mask = new BinaryMask(image.Width, image.Height);
        mask.Fill(new PixelBox(0, 0, image.Width, image.Height));
        return mask;
    }

    private static RgbImage Circles()
    {
        var image = new RgbImage(128, 128);
        image.Pixels.AsSpan().Fill(120);
        Paint(Circle(20, 20), 230);
        Paint(Circle(80, 20), 230);
        Paint(Circle(20, 80), 230);
        Paint(Square(70, 60, 50), 20);
        return image;

        void Paint(Rle shape, byte value)
        {
            BinaryMask mask = shape.ToMask();
            for (int y = 0; y < 128; y++)
            {
                for (int x = 0; x < 128; x++)
                {
                    if (mask[x, y])
                        image.Pixels.AsSpan(3 * (y * 128 + x), 3).Fill(value);
                }
            }
        }
    }
}
