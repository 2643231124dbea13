using PocketSam.Training.Data;

namespace PocketSam.Training.Tests.Data;

public sealed class SourceMixTests
{
    private static readonly AugmentationOptions Plain = AugmentationOptions.None with { MinMaskArea = 1 };

    [Fact]
    public void Pictures_follow_from_the_seed_and_come_in_proportion()
    {
        var mix = new SourceMix([(new Plane(64, "a"), 3), (new Plane(32, "b"), 1)], Plain);
        int wide = 0;
        for (ulong seed = 0; seed < 400; seed++)
        {
            TrainingPicture picture = mix.Draw(seed, 64);
            Assert.Equal(picture.Image.Pixels, mix.Draw(seed, 64).Image.Pixels);
            if (picture.Image.Pixels[0] == 64)
                wide++;
        }

        Assert.InRange(wide, 260, 340);
    }

    [Fact]
    public void A_source_without_usable_masks_is_an_error_and_not_a_loop_without_end()
    {
        var mix = new SourceMix([(new Plane(32, "tiny masks"), 1)], Plain with { MinMaskArea = 1_000_000 });
        var e = Assert.Throws<DataFormatException>(() => mix.Draw(1, 64));
        Assert.StartsWith("tiny masks: ", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Shares_are_positive(double share)
        => Assert.Throws<ArgumentException>(() => new SourceMix([(new Plane(32, "a"), share)], Plain));

    [Fact]
    public void Pictures_without_masks_come_in_proportion_where_none_are_needed()
    {
        (ITrainingSource, double)[] sources = [(new Plane(64, "a"), 3), (new Plane(32, "photos", hasMasks: false), 1)];
        var e = Assert.Throws<ArgumentException>(() => new SourceMix(sources, Plain));
        Assert.Equal("photos: no picture has a mask to train on", e.Message);

        var mix = new SourceMix(sources, Plain, needsMasks: false);
        Assert.Equal((true, false), (mix.HasMasks, mix.AllHaveMasks));
        TrainingPicture[] drawn = [.. Enumerable.Range(0, 400).Select(seed => mix.Draw((ulong)seed, 64))];
        Assert.All(drawn, picture => Assert.Equal(picture.Image.Pixels[0] == 64 ? 1 : 0, picture.Masks.Count));
        Assert.InRange(drawn.Count(picture => picture.Masks.Count == 0), 60, 140);
    }

    [Fact]
    public void A_crop_that_loses_all_masks_is_replaced_although_none_are_needed()
    {
        var mix = new SourceMix([(new Plane(32, "tiny masks"), 1)], Plain with { MinMaskArea = 1_000_000 }, needsMasks: false);
        Assert.Throws<DataFormatException>(() => mix.Draw(1, 64));
    }

    /// <summary>A picture of one colour, its own width, and a mask of all of it or none.</summary>
    private sealed class Plane(int width, string name, bool hasMasks = true) : ITrainingSource
    {
        public string Name => name;

        public bool HasMasks => hasMasks;

        public TrainingPicture Draw(ulong seed)
        {
            var image = new RgbImage(width, width);
            Array.Fill(image.Pixels, (byte)width);
            var mask = new BinaryMask(width, width);
            mask.Fill(new PixelBox(0, 0, width, width));
            return new TrainingPicture(image, hasMasks ? [mask] : []);
        }
    }
}
