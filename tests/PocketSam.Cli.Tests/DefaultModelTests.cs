using PocketSam.Imaging;

namespace PocketSam.Cli.Tests;

/// <summary>What the default model does with prompts that it was not measured on.</summary>
public sealed class DefaultModelTests
{
    [Theory]
    [InlineData(398, 144)]
    [InlineData(200, 300)]
    [InlineData(100, 100)]
    [InlineData(500, 400)]
    public void Mask_given_back_as_pixels_is_kept(double x, double y)
    {
        using ImageEmbedding photo = Sam.Default.Encode(ImageFile.Read(Sample("room.jpg")));
        Prompt point = Prompt.Point(x, y);
        Mask first = Sam.Default.Predict(photo, point).Best;

        Mask again = Sam.Default.Predict(photo, point.WithMask(first.Bits)).Best;

        Assert.InRange(again.Bits.Iou(first.Bits), 0.85, 1);
    }

    private static string Sample(string name)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "samples", name);
            if (File.Exists(path))
                return path;
        }

        throw new FileNotFoundException($"samples/{name} lies in no folder above the tests");
    }
}
