using PocketSam.Models;
using PocketSam.Segmentation;
using PocketSam.Tests.Masks;

namespace PocketSam.Tests.Segmentation;

/// <summary>Masks from elsewhere as prompts: how pixels become logits, and what the model is given.</summary>
public sealed class MaskPromptTests
{
    /// <summary>ln(0.999 / 0.001), what a square all inside becomes.</summary>
    private const float Inside = 6.906755f;

    private static readonly Sam Nano = Sam.Over(SamModel.Create(ModelZoo.Nano, seed: 1));

    public static TheoryData<int, int, int> Sizes => new()
    {
        { 1, 1, 64 }, { 1, 900, 64 }, { 900, 1, 64 }, { 7, 5, 64 }, { 64, 64, 64 }, { 63, 64, 64 }, { 641, 427, 128 },
        { 33, 50, 256 }, { 300, 299, 64 }, { 257, 31, 128 },
    };

    [Fact]
    public void Squares_of_whole_pixels_become_their_share()
    {
        // 64 pixels to 64: each square is 4x4 pixels.
        var mask = new BinaryMask(64, 64);
        mask.Fill(new PixelBox(0, 0, 4, 4));
        mask.Fill(new PixelBox(4, 0, 2, 4));
        mask.Fill(new PixelBox(8, 0, 1, 1));
        mask.Fill(new PixelBox(12, 0, 4, 3));

        MaskLogits logits = MaskLogits.From(mask, ImageGeometry.For(64, 64, 64));

        Assert.Equal(16, logits.Side);
        float[] expected = [Inside, 0, MathF.Log(1 / 15f), MathF.Log(3), -Inside];
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], logits.Values[i], 1e-5f);
        Assert.All(logits.Values[16..].ToArray(), v => Assert.Equal(-Inside, v, 1e-5f));
    }

    [Fact]
    public void Squares_at_the_edge_count_what_is_picture_and_padding_is_outside()
    {
        // 64x33 pixels to 64: the last row of squares has one row of pixels.
        var mask = new BinaryMask(64, 33);
        mask.Fill(new PixelBox(0, 0, 64, 33));
        mask.Fill(new PixelBox(0, 32, 2, 1));

        float[] logits = MaskLogits.From(mask, ImageGeometry.For(64, 33, 64)).Values.ToArray();

        Assert.All(logits[..(9 * 16)], v => Assert.Equal(Inside, v, 1e-5f));
        Assert.All(logits[(9 * 16)..], v => Assert.Equal(-Inside, v, 1e-5f));
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Logits_are_those_of_areas_summed_plainly(int width, int height, int size)
    {
        var geometry = ImageGeometry.For(width, height, size);
        foreach (BinaryMask mask in MaskSamples.Of(width, height))
        {
            MaskLogits actual = MaskLogits.From(mask, geometry);

            double[] expected = Plain(mask, geometry);
            for (int i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], actual.Values[i], 1e-4);
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Whole_picture_comes_back_whole(int width, int height, int size)
    {
        var geometry = ImageGeometry.For(width, height, size);
        var mask = new BinaryMask(width, height);
        mask.Fill(new PixelBox(0, 0, width, height));

        (BinaryMask bits, _) = new MaskUpsampler(geometry).Run([MaskLogits.From(mask, geometry)])[0];

        // Padding is outside, so the last half of a square may fade.
        int lost = mask.Area - bits.Area;
        int edge = (width + height) * (Math.Max(width, height) / (geometry.MaskSide * 2) + 1);
        Assert.InRange(lost, 0, edge);
    }

    [Fact]
    public void Disc_comes_back_as_it_was()
    {
        var geometry = ImageGeometry.For(641, 427, 1024);
        var disc = new BinaryMask(641, 427);
        for (int y = 0; y < 427; y++)
        {
            for (int x = 0; x < 641; x++)
                disc[x, y] = (x - 300) * (x - 300) + (y - 200) * (y - 200) < 90 * 90;
        }

        (BinaryMask bits, float stability) = new MaskUpsampler(geometry).Run([MaskLogits.From(disc, geometry)])[0];

        Assert.InRange(bits.Iou(disc), 0.995, 1);
        Assert.InRange(stability, 0.98f, 1);
    }

    [Fact]
    public void Mask_is_given_to_the_model_as_its_logits()
    {
        using ImageEmbedding photo = Nano.Encode(new RgbImage(100, 60));
        BinaryMask mask = MaskSamples.Of(100, 60).Last();
        MaskLogits logits = MaskLogits.From(mask, photo.Geometry);
        Prompt box = Prompt.Box(5, 5, 60, 40);

        Mask byPixels = Nano.Predict(photo, box.WithMask(mask)).Best;
        Mask byLogits = Nano.Predict(photo, box.WithMask(logits)).Best;

        Assert.True(byPixels.Logits.Values.SequenceEqual(byLogits.Logits.Values));
        Assert.Equal(byLogits.PredictedIou, byPixels.PredictedIou);
        Assert.NotEqual(Nano.Predict(photo, box).Best.PredictedIou, byPixels.PredictedIou);
    }

    [Fact]
    public void Mask_alone_is_a_prompt_without_tokens()
    {
        using ImageEmbedding photo = Nano.Encode(new RgbImage(100, 60));
        BinaryMask mask = MaskSamples.Of(100, 60).Last();

        var both = Nano.Predict(photo, [Prompt.Mask(mask), Prompt.Point(3, 4), Prompt.Mask(mask)]);

        Assert.Equal([1, 3, 1], both.Select(answer => answer.Masks.Count));
        Assert.Empty(PromptBatch.Split([Prompt.Mask(mask)], photo.Geometry, _ => 8).Single().Tokens);
        Assert.Equal(3, Nano.Predict(photo, Prompt.Mask(mask), multimask: true).Masks.Count);
        Assert.Equal(both[0].Best.PredictedIou, both[2].Best.PredictedIou);
    }

    [Fact]
    public void Mask_to_be_refined_gets_its_innermost_point()
    {
        BinaryMask mask = MaskSamples.Parse("........", ".#####..", ".#####..", ".#####.#", "........");

        Prompt prompt = Prompt.Refine(mask);

        Assert.Equal([new PromptPoint(2, 2)], prompt.Points);
        Assert.True(mask.ContentEquals(prompt.InitialMask!));
        Assert.Throws<PromptException>(() => Prompt.Refine(new BinaryMask(3, 3)));
    }

    [Fact]
    public void One_mask_takes_the_place_of_the_other()
    {
        BinaryMask mask = MaskSamples.Of(8, 8).Last();
        var logits = new MaskLogits(16, new float[256].AsSpan());

        Prompt pixels = Prompt.Point(1, 1).WithMask(logits).WithMask(mask).WithPoint(2, 2).WithBox(0, 0, 5, 5);
        Prompt values = pixels.WithMask(logits);

        Assert.Null(pixels.PreviousLogits);
        Assert.True(mask.ContentEquals(pixels.InitialMask!));
        Assert.Null(values.InitialMask);
        Assert.Same(logits, values.PreviousLogits);
    }

    [Fact]
    public void Masks_that_do_not_fit_are_refused()
    {
        BinaryMask mask = MaskSamples.Of(60, 100).Last();
        Prompt turned = Prompt.Mask(mask);
        mask.Clear();

        var size = Assert.Throws<PromptException>(() => turned.Validate(ImageGeometry.For(100, 60, 128)));
        var empty = Assert.Throws<PromptException>(() => Prompt.Point(1, 1).WithMask(mask));
        var direct = Assert.Throws<ArgumentException>(() => MaskLogits.From(mask, ImageGeometry.For(100, 60, 128)));

        Assert.Equal("mask of 60x100: of another size than the picture of 100x60", size.Message);
        Assert.Equal("the mask to start from is empty", empty.Message);
        Assert.StartsWith("a mask of 60x100 is not of the size of the picture, 100x60", direct.Message);
    }

    /// <summary>Overlap of each pixel with each square, one by one.</summary>
    private static double[] Plain(BinaryMask mask, ImageGeometry geometry)
    {
        int side = geometry.MaskSide;
        double right = geometry.ResizedWidth / 4.0, bottom = geometry.ResizedHeight / 4.0;
        double[] areas = new double[side * side], within = new double[side * side];
        double dx = right / mask.Width, dy = bottom / mask.Height;
        for (int y = 0; y < mask.Height; y++)
        {
            for (int x = 0; x < mask.Width; x++)
            {
                for (int i = (int)(y * dy); i < Math.Min(side, (y + 1) * dy); i++)
                {
                    for (int j = (int)(x * dx); j < Math.Min(side, (x + 1) * dx); j++)
                    {
                        double area = (Math.Min(i + 1, (y + 1) * dy) - Math.Max(i, y * dy))
                            * (Math.Min(j + 1, (x + 1) * dx) - Math.Max(j, x * dx));
                        within[i * side + j] += area;
                        areas[i * side + j] += mask[x, y] ? area : 0;
                    }
                }
            }
        }

        return [.. areas.Zip(within, (area, all) => all < 1e-9 ? 0 : area / all)
            .Select(share => Math.Clamp(share, 0.001, 0.999)).Select(share => Math.Log(share / (1 - share)))];
    }
}
