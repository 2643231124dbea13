using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Tests.Data.Effects;

public class ColorGradeTests
{
    [Fact]
    public void Nothing_asked_nothing_changed()
    {
        Assert.Equal([10, 120, 250], Graded(new ColorGrade()));
    }

    [Fact]
    public void Each_setting_does_what_it_says()
    {
        Assert.Equal([5, 60, 125], Graded(new ColorGrade { Brightness = 0.5f }));
        Assert.Equal([69, 124, 189], Graded(new ColorGrade { Contrast = 0.5f }));
        Assert.Equal([102, 102, 102], Graded(new ColorGrade { Saturation = 0 }));
        Assert.Equal([20, 120, 250], Graded(new ColorGrade { Cast = new(2, 1, 1) }));

        // A third of a turn takes red to green, green to blue, blue to red.
        Assert.Equal([250, 10, 120], Graded(new ColorGrade { HueTurns = 1f / 3 }));
    }

    [Fact]
    public void Gamma_bends_between_black_and_white()
    {
        byte[] graded = Graded(new ColorGrade { Gamma = 2 });
        Assert.InRange(graded[0], 0, 1);
        Assert.InRange(graded[1], 56, 57);
        Assert.InRange(graded[2], 245, 246);
    }

    private static byte[] Graded(ColorGrade grade)
    {
        // Wide enough for whole vectors and a remainder.
        const int Width = 21;
        RgbImage source = new(Width, 1);
        for (int i = 0; i < Width; i++)
            ((ReadOnlySpan<byte>)[10, 120, 250]).CopyTo(source.Pixels.AsSpan(3 * i));
        using PlanarImage image = PlanarImage.From(source);
        grade.Apply(image);
        byte[] pixels = image.ToRgb().Pixels;
        for (int i = 3; i < pixels.Length; i++)
            Assert.Equal(pixels[i % 3], pixels[i]);
        return pixels[..3];
    }
}
