using PocketSam.Tests.Masks;

namespace PocketSam.Imaging.Tests;

/// <summary>All that is found on the samples, however unlikely, has valid outlines.</summary>
public sealed class EverythingOutlineTests
{
    [Theory]
    [Trait("Category", "Slow")]
    [InlineData("clutter.jpg")]
    [InlineData("room.jpg")]
    [InlineData("street.jpg")]
    public void Everything_on_the_samples_is_valid(string sample)
    {
        var generator = new MaskGenerator(Sam.Default, MaskGeneratorOptions.For(Sam.Default.Config) with
        {
            Mode = MaskGeneratorMode.Dense,
            PredIouThresh = 0.1f,
            StabilityScoreThresh = 0.1f,
        });
        RgbImage picture = ImageFile.Read(Path.Combine(Repository.Root, "samples", sample));
        IReadOnlyList<GeneratedMask> masks = generator.Generate(picture);
        Assert.True(masks.Count > 50, $"{masks.Count} masks");
        foreach (double tolerance in (double[])[0, 1, 3, 50])
            Assert.All(masks, mask => Assert.Null(OgcValidity.Reason(mask.Segmentation.ToPolygons(tolerance))));
    }
}
