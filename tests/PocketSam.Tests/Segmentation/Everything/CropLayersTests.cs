using PocketSam.Segmentation.Everything;

namespace PocketSam.Tests.Segmentation.Everything;

public sealed class CropLayersTests
{
    /// <summary>By hand from generate_crop_boxes: overlap int(512 / 1500 * 427 * 2 / 2) = 145, sides ceil((145 + 641) / 2).</summary>
    [Fact]
    public void The_first_layer_has_four_overlapping_crops()
        => Assert.Equal(
            [
                (new PixelBox(0, 0, 641, 427), 0),
                (new PixelBox(0, 0, 393, 286), 1),
                (new PixelBox(0, 141, 393, 286), 1),
                (new PixelBox(248, 0, 393, 286), 1),
                (new PixelBox(248, 141, 393, 286), 1),
            ],
            CropLayers.Of(641, 427, 1, 512.0 / 1500));

    /// <summary>512 / 1500 of sides that 1500 or a part of it divides is a whole number: not one pixel less.</summary>
    [Fact]
    public void The_overlap_by_default_is_that_of_the_reference()
        => Assert.Equal(
            (new PixelBox(494, 494, 1006, 1006), 1),
            CropLayers.Of(1500, 1500, 1, new MaskGeneratorOptions().CropOverlapRatio)[^1]);

    [Theory]
    [InlineData(1, 1, 4)]
    [InlineData(3, 2000, 3)]
    [InlineData(641, 427, 2)]
    [InlineData(17, 5, 4)]
    public void Crops_of_every_layer_cover_the_picture_and_stay_inside(int width, int height, int layers)
    {
        List<(PixelBox Box, int Layer)> crops = CropLayers.Of(width, height, layers, 512.0 / 1500);
        Assert.All(crops, c => Assert.True(
            !c.Box.IsEmpty && c.Box.X >= 0 && c.Box.Y >= 0 && c.Box.Right <= width && c.Box.Bottom <= height));
        for (int layer = 0; layer <= layers; layer++)
        {
            var covered = new BinaryMask(width, height);
            foreach ((PixelBox box, _) in crops.Where(c => c.Layer == layer))
                covered.Fill(box);
            Assert.Equal(width * height, covered.Area);
        }
    }
}
