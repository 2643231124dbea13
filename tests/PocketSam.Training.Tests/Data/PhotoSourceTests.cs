using PocketSam.Training.Data;

namespace PocketSam.Training.Tests.Data;

public sealed class PhotoSourceTests
{
    private static readonly string[] Paths = ["0.png", "1.png", "2.png"];

    [Fact]
    public void Each_number_gives_its_picture_without_masks()
    {
        var source = new PhotoSource("photos", Paths, Read);
        Assert.Equal(("photos", false), (source.Name, source.HasMasks));
        Assert.False(((ITrainingSource)source).AllHaveMasks);
        for (ulong seed = 0; seed < 6; seed++)
        {
            TrainingPicture picture = source.Draw(seed);
            Assert.Equal((byte)(seed % 3), picture.Image.Pixels[0]);
            Assert.Empty(picture.Masks);
        }
    }

    [Fact]
    public void A_broken_picture_is_replaced_by_the_next_and_named()
    {
        var failures = new PictureFailures(1);
        var source = new PhotoSource("photos", Paths, path => path == "1.png" ? throw new IOException("broken") : Read(path), failures: failures);
        Assert.Equal(2, source.Draw(1).Image.Pixels[0]);
        Assert.Equal(["broken"], failures.Messages);
        Assert.Throws<IOException>(() => new PhotoSource("photos", Paths, _ => throw new IOException("broken")).Draw(0));
    }

    [Fact]
    public void Bad_input_is_refused()
    {
        Assert.Equal("photos: there is no picture", Assert.Throws<ArgumentException>(() => new PhotoSource("photos", [], Read)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new PhotoSource("photos", Paths, Read, -1));
    }

    private static RgbImage Read(string path)
    {
        var image = new RgbImage(8, 8);
        image.Pixels[0] = (byte)(path[0] - '0');
        return image;
    }
}
