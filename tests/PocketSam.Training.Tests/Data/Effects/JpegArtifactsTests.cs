using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Tests.Data.Effects;

public class JpegArtifactsTests
{
    [Theory]
    [InlineData(64, 64)]
    [InlineData(37, 21)]
    [InlineData(5, 3)]
    public void Quality_100_is_nearly_the_identity(int width, int height)
    {
        RgbImage source = Ramp(width, height);
        Assert.InRange(WorstChange(source, 100, halveChroma: false), 0, 4);
    }

    [Fact]
    public void Lower_quality_changes_more_and_stays_recognisable()
    {
        RgbImage source = Ramp(64, 48);
        double fine = Changes(source, 90, halveChroma: true).Average();
        double coarse = Changes(source, 20, halveChroma: true).Average();
        Assert.True(fine < coarse, $"{fine} against {coarse}");
        Assert.InRange(coarse, 2, 20);
    }

    [Fact]
    public void Halved_chroma_costs_nothing_where_colour_is_even()
    {
        RgbImage source = new(33, 19);
        for (int i = 0; i < source.Pixels.Length; i++)
            source.Pixels[i] = (byte)(80 + 50 * (i % 3));
        Assert.InRange(WorstChange(source, 100, halveChroma: true), 0, 2);
    }

    [Fact]
    public void The_transform_is_orthonormal()
    {
        RandomStream random = new(1);
        DctBlock block = new();
        float[] samples = new float[64];
        for (int i = 0; i < 64; i++)
            samples[i] = random.Uniform(-128, 128);
        samples.CopyTo(System.Runtime.InteropServices.MemoryMarshal.Cast<System.Runtime.Intrinsics.Vector256<float>,
            float>(
            block.AsRows()));

        block.Forward();
        Assert.Equal(samples.Sum() / 8, block.AsRows()[0][0], 1e-3);

        block.Inverse();
        for (int i = 0; i < 64; i++)
            Assert.Equal(samples[i], block.AsRows()[i / 8][i % 8], 1e-3);
    }

    private static int WorstChange(RgbImage source, int quality, bool halveChroma)
        => Changes(source, quality, halveChroma).Max();

    private static IEnumerable<int> Changes(RgbImage source, int quality, bool halveChroma)
    {
        using PlanarImage image = PlanarImage.From(source);
        JpegArtifacts.Apply(image, quality, halveChroma);
        return source.Pixels.Zip(image.ToRgb().Pixels, (before, after) => Math.Abs(before - after));
    }

    private static RgbImage Ramp(int width, int height)
    {
        RgbImage image = new(width, height);
        for (int i = 0; i < width * height; i++)
        {
            int x = i % width, y = i / width;
            image.Pixels[3 * i] = (byte)(40 + 2 * x);
            image.Pixels[3 * i + 1] = (byte)(200 - 3 * y + x % 7);
            image.Pixels[3 * i + 2] = (byte)((x / 9 + y / 7) % 2 * 90 + 60);
        }

        return image;
    }
}
