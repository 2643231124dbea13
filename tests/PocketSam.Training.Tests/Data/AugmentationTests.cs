using PocketSam.Training.Data;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Tests.Data;

public class AugmentationTests
{
    [Fact]
    public void Same_seed_same_result_other_seed_another()
    {
        TrainingPicture source = Noise(90, 60, (10, 10, 40, 30));
        Augmentation augmentation = new(new AugmentationOptions
        {
            BlurProbability = 1, NoiseProbability = 1, JpegProbability = 1,
        });

        TrainingPicture first = augmentation.Apply(source, 64, seed: 5);
        TrainingPicture again = augmentation.Apply(source, 64, seed: 5);
        TrainingPicture other = augmentation.Apply(source, 64, seed: 6);

        Assert.Equal(first.Image.Pixels, again.Image.Pixels);
        Assert.Equal(first.Masks.Select(mask => mask.Area), again.Masks.Select(mask => mask.Area));
        Assert.NotEqual(first.Image.Pixels, other.Image.Pixels);
    }

    [Fact]
    public void Without_changes_at_the_same_size_nothing_changes()
    {
        TrainingPicture source = Noise(70, 40, (3, 5, 30, 31), (64, 0, 70, 40));

        TrainingPicture result = new Augmentation(AugmentationOptions.None).Apply(source, 70, seed: 1);

        Assert.Equal(source.Image.Pixels, result.Image.Pixels);
        Assert.Equal(2, result.Masks.Count);
        AssertRectangle(result.Masks[0], 3, 5, 30, 31);
        AssertRectangle(result.Masks[1], 64, 0, 70, 40);
    }

    [Theory]
    [InlineData(100, 60, 50, 30)]
    [InlineData(50, 100, 25, 50)]
    [InlineData(100, 60, 200, 120)]
    [InlineData(101, 67, 64, 42)]
    public void The_longest_side_gets_the_size(int width, int height, int newWidth, int newHeight)
    {
        TrainingPicture source = Noise(width, height, (0, 0, width, height));

        TrainingPicture result =
            new Augmentation(AugmentationOptions.None).Apply(source, Math.Max(newWidth, newHeight), seed: 1);

        Assert.Equal((newWidth, newHeight), (result.Image.Width, result.Image.Height));
        AssertRectangle(result.Masks[0], 0, 0, newWidth, newHeight);
    }

    [Fact]
    public void A_rectangle_lands_where_halving_and_doubling_put_it()
    {
        TrainingPicture source = Rectangle(120, 80, 20, 10, 60, 50);
        Augmentation augmentation = new(AugmentationOptions.None);

        TrainingPicture half = augmentation.Apply(source, 60, seed: 1);
        AssertRectangle(half.Masks[0], 10, 5, 30, 25);
        Assert.Equal((byte)200, half.Image.Pixels[3 * (15 * 60 + 20)]);
        Assert.Equal((byte)20, half.Image.Pixels[3 * (15 * 60 + 40)]);

        TrainingPicture twice = augmentation.Apply(source, 240, seed: 1);
        AssertRectangle(twice.Masks[0], 40, 20, 120, 100);
    }

    [Theory]
    [InlineData(100, 60, 160, 90)]    // anywhere
    [InlineData(0, 0, 60, 100)]       // in a corner
    [InlineData(290, 190, 300, 200)]  // smaller than the least window
    [InlineData(10, 5, 290, 195)]     // higher than any square in the picture
    public void A_closer_look_shows_all_of_one_object_and_a_part_of_the_picture(int left, int top, int right, int bottom)
    {
        TrainingPicture source = Noise(300, 200, (left, top, right, bottom));
        Augmentation augmentation = new(AugmentationOptions.None with { ZoomProbability = 1 });
        int longest = Math.Max(right - left, bottom - top);
        var shares = new List<double>();
        for (ulong seed = 0; seed < 40; seed++)
        {
            TrainingPicture result = augmentation.Apply(source, 300, seed);
            PixelBox box = Assert.Single(result.Masks).Bounds;
            Assert.Equal(300, Math.Max(result.Image.Width, result.Image.Height));
            double scale = Math.Max((double)box.Width / (right - left), (double)box.Height / (bottom - top)), side = 300 / scale;
            Assert.InRange(side, Math.Min(300, Math.Max(64, 1.2 * longest)) - 2, Math.Min(300, Math.Max(64, 3 * longest)) + 2);
            Assert.Equal((right - left) * (bottom - top) * scale * scale, result.Masks[0].Area, 0.06 * 300 * 300);
            shares.Add(side);
        }

        Assert.Equal(longest is 10 or 280, shares.Max() - shares.Min() < 3);
    }

    [Fact]
    public void Flipping_mirrors_picture_and_mask()
    {
        TrainingPicture source = Noise(64, 48, (5, 7, 25, 40));
        Augmentation augmentation = new(AugmentationOptions.None with { FlipProbability = 1 });

        TrainingPicture result = augmentation.Apply(source, 64, seed: 1);

        AssertRectangle(result.Masks[0], 39, 7, 59, 40);
        for (int x = 0; x < 64; x++)
            Assert.Equal(source.Image.Pixels[3 * (9 * 64 + x)], result.Image.Pixels[3 * (9 * 64 + 63 - x)]);
    }

    [Fact]
    public void Crops_keep_masks_on_their_pixels()
    {
        // A bright rectangle on a dark ground: wherever the crop lands, mask and brightness must agree.
        TrainingPicture source = Rectangle(200, 150, 60, 40, 140, 110);
        Augmentation augmentation = new(AugmentationOptions.None with
        {
            MinScale = 0.4f, MaxScale = 0.9f, AspectJitter = 0.3f, FlipProbability = 0.5f,
        });

        for (ulong seed = 0; seed < 20; seed++)
        {
            TrainingPicture result = augmentation.Apply(source, 96, seed);
            Assert.Equal(96, Math.Max(result.Image.Width, result.Image.Height));
            BinaryMask mask = Assert.Single(result.Masks);
            for (int i = 0; i < result.Image.Width * result.Image.Height; i++)
            {
                byte value = result.Image.Pixels[3 * i];
                if (value is < 105 or > 115)
                    Assert.Equal(value > 110, mask[i % mask.Width, i / mask.Width]);
            }
        }
    }

    [Fact]
    public void Slivers_left_by_the_crop_are_dropped()
    {
        TrainingPicture source = Noise(100, 100, (0, 0, 100, 100), (0, 0, 3, 3));
        Augmentation wholePicture = new(AugmentationOptions.None with { MinMaskArea = 10 });
        Assert.Single(wholePicture.Apply(source, 100, seed: 1).Masks);

        // Crops of half the side show a quarter of the big mask at most.
        Augmentation half = new(AugmentationOptions.None with
        {
            MinScale = 0.4f, MaxScale = 0.45f, MinVisibleFraction = 0.25f, MinMaskArea = 10,
        });
        Assert.Empty(half.Apply(source, 100, seed: 1).Masks);
    }

    [Fact]
    public void Grey_pictures_have_equal_channels()
    {
        TrainingPicture source = Noise(64, 64, (0, 0, 30, 30));
        Augmentation augmentation = new(AugmentationOptions.None with { GrayscaleProbability = 1 });

        byte[] pixels = augmentation.Apply(source, 64, seed: 3).Image.Pixels;

        for (int i = 0; i < pixels.Length; i += 3)
        {
            Assert.InRange(pixels[i] - pixels[i + 1], -1, 1);
            Assert.InRange(pixels[i] - pixels[i + 2], -1, 1);
        }
    }

    public static TheoryData<AugmentationOptions> BadOptions =>
    [
        new AugmentationOptions { ZoomProbability = 1.1f },
        new AugmentationOptions { MinScale = 0 },
        new AugmentationOptions { MinScale = 0.8f, MaxScale = 0.7f },
        new AugmentationOptions { MaxScale = 1.1f },
        new AugmentationOptions { AspectJitter = -0.1f },
        new AugmentationOptions { FlipProbability = 2 },
        new AugmentationOptions { ColorJitter = float.NaN },
        new AugmentationOptions { MinMaskArea = 0 },
        new AugmentationOptions { MinVisibleFraction = -1 },
    ];

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void Options_out_of_range_are_refused(AugmentationOptions options)
        => Assert.Throws<ArgumentOutOfRangeException>(() => new Augmentation(options));

    private static TrainingPicture Noise(int width, int height, params (int X0, int Y0, int X1, int Y1)[] rectangles)
    {
        RandomStream random = new(3);
        byte[] pixels = new byte[3 * width * height];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)random.NextBits();

        List<BinaryMask> masks = [];
        foreach ((int x0, int y0, int x1, int y1) in rectangles)
            masks.Add(RectangleMask(width, height, x0, y0, x1, y1));
        return new TrainingPicture(new RgbImage(width, height, pixels), masks);
    }

    private static TrainingPicture Rectangle(int width, int height, int x0, int y0, int x1, int y1)
    {
        BinaryMask mask = RectangleMask(width, height, x0, y0, x1, y1);
        byte[] pixels = new byte[3 * width * height];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = mask[i / 3 % width, i / 3 / width] ? (byte)200 : (byte)20;
        return new TrainingPicture(new RgbImage(width, height, pixels), [mask]);
    }

    private static BinaryMask RectangleMask(int width, int height, int x0, int y0, int x1, int y1)
    {
        BinaryMask mask = new(width, height);
        for (int y = y0; y < y1; y++)
            MaskRow.Fill(mask.Row(y), x0, x1);
        return mask;
    }

    private static void AssertRectangle(BinaryMask mask, int x0, int y0, int x1, int y1)
    {
        Assert.Equal((x1 - x0) * (y1 - y0), mask.Area);
        for (int y = y0; y < y1; y++)
            Assert.Equal(x1 - x0, MaskRow.Count(mask.Row(y), x0, x1));
    }
}
