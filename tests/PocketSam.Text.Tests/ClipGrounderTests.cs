using PocketSam.Tests;

namespace PocketSam.Text.Tests;

/// <summary>
/// Masks ranked by a CLIP whose weights mean nothing: all but the quality of the words. Whatever it says, scores are the softmax of
/// its cosines among the contrast words, and answers follow from scores.
/// </summary>
public sealed class ClipGrounderTests
{
    private static readonly string[] Few = ["dog", "red mug", "wall"];

    private static Clip Tiny => Clip.Load(GoldenFiles.Require("clip/tiny/hf/model.safetensors"));

    [Theory]
    [InlineData(ClipView.Crops)]
    [InlineData(ClipView.Dense)]
    public void Scores_of_all_words_of_a_mask_add_up_to_one(ClipView view)
    {
        RgbImage image = Picture();
        GeneratedMask[] masks = [Mask(4, 4, 40, 30), Mask(40, 20, 50, 40)];
        var grounder = new ClipGrounder(Sam.Default, Tiny, new ClipGrounderOptions { View = view, ContrastWords = Few });
        IReadOnlyList<GroundedMask> ranked = grounder.Rank(image, masks, Few);
        Assert.Equal(6, ranked.Count);
        foreach (GeneratedMask mask in masks)
            Assert.Equal(1f, ranked.Where(r => r.Mask == mask).Sum(r => r.Score), 1e-4f);
        Assert.All(ranked, r => Assert.NotEqual(r.Phrase, r.Rival));
    }

    [Fact]
    public void A_phrase_is_not_held_against_contrast_words_that_are_in_it()
    {
        var grounder = new ClipGrounder(Sam.Default, Tiny, new ClipGrounderOptions { ContrastWords = ["mug", "dog"] });
        GroundedMask found = grounder.Rank(Picture(), [Mask(4, 4, 40, 30)], ["a red Mug"])[0];
        Assert.Equal("dog", found.Rival);
    }

    [Fact]
    public void Small_masks_and_those_beyond_the_cap_are_passed_over_and_nothing_may_be_found()
    {
        GeneratedMask[] masks = [Mask(4, 4, 40, 30), Mask(40, 20, 50, 40) with { StabilityScore = 0.5f }, Mask(0, 0, 3, 3)];
        var options = new ClipGrounderOptions { ContrastWords = Few, MaxMasks = 1, Threshold = 1 };
        var grounder = new ClipGrounder(Sam.Default, Tiny, options);
        Assert.Equal([masks[0]], grounder.Rank(Picture(), masks, ["cat"]).Select(r => r.Mask));
        Assert.Empty(grounder.Rank(Picture(), masks[2..], ["cat"]));
        using ImageEmbedding embedding = Sam.Default.Encode(Picture());
        Assert.Empty(grounder.Ground(Picture(), embedding, ["cat"]));
        Assert.Throws<PromptException>(() => grounder.Ground(Picture(), embedding, [" "]));
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        foreach (ClipGrounderOptions options in new ClipGrounderOptions[]
        {
            new() { Threshold = 2 }, new() { Temperature = 0 }, new() { MaxMasks = 0 }, new() { ContrastWords = [] }, new() { Templates = ["cat"] },
        })
        {
            Assert.Throws<ArgumentException>(() => new ClipGrounder(Sam.Default, Tiny, options));
        }
    }

    [Fact]
    public void A_view_is_a_square_with_the_mask_as_it_is_and_all_else_faded()
    {
        RgbImage image = Picture();
        GeneratedMask mask = Mask(0, 10, 20, 10);
        RgbImage view = MaskView.Of(image, mask.Segmentation, [0, 0, 0]);
        Assert.Equal((24, 24), (view.Width, view.Height));

        // The box lies in the middle: it begins at column 2 and row 7.
        Assert.Equal(image.Pixels[(10 * 120 + 5) * 3], view.Pixels[(7 * 24 + 2 + 5) * 3]);
        Assert.Equal((image.Pixels[(9 * 120 + 5) * 3] + 1) / 2, view.Pixels[(6 * 24 + 2 + 5) * 3]);
        Assert.Equal(0, view.Pixels[0]);
    }

    private static RgbImage Picture()
    {
        var image = new RgbImage(120, 80);
        for (int i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)(i * 7 % 251);
        return image;
    }

    private static GeneratedMask Mask(int x, int y, int width, int height)
    {
        var bits = new BinaryMask(120, 80);
        bits.Fill(new PixelBox(x, y, width, height));
        return new GeneratedMask
        {
            Segmentation = Rle.Encode(bits), Area = bits.Area, Box = bits.Bounds, PredictedIou = 0.9f, StabilityScore = 0.9f, PointCoords = [],
            CropBox = new PixelBox(0, 0, 120, 80),
        };
    }
}
