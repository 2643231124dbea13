using PocketSam.Training.Distillation;

namespace PocketSam.Training.Tests.Distillation;

public sealed class MapResamplerTests
{
    private const int Channels = 3;

    [Theory]
    [InlineData(4, 4)]
    [InlineData(4, 8)]
    [InlineData(5, 8)]
    [InlineData(8, 4)]
    [InlineData(8, 5)]
    [InlineData(7, 2)]
    [InlineData(1, 3)]
    [InlineData(3, 1)]
    public void It_is_the_triangle_filter(int from, int to)
    {
        float[] source = Noise(from * from * Channels), target = new float[to * to * Channels];
        new MapResampler(from, to).Run(source, target, Channels);
        double[] expected = Naive(source, from, to);
        for (int i = 0; i < target.Length; i++)
            Assert.Equal(expected[i], target[i], 1e-6);
    }

    [Fact]
    public void The_same_grid_gives_the_same_bits_and_a_constant_stays_one()
    {
        float[] source = Noise(6 * 6), target = new float[6 * 6];
        new MapResampler(6, 6).Run(source, target, 1);
        Assert.Equal(source, target);

        float[] constant = [.. Enumerable.Repeat(3f, 25)], other = new float[49];
        new MapResampler(5, 7).Run(constant, other, 1);
        Assert.All(other, v => Assert.Equal(3f, v, 1e-6f));
    }

    /// <summary>Each value as the weighted mean over all source values, by the distance of the centres.</summary>
    private static double[] Naive(float[] source, int from, int to)
    {
        double[] target = new double[to * to * Channels];
        double scale = (double)from / to;
        for (int i = 0; i < target.Length; i++)
        {
            int c = i % Channels, x = i / Channels % to, y = i / Channels / to;
            double sum = 0, weights = 0;
            for (int j = 0; j < from * from; j++)
            {
                double w = Triangle(j / from + 0.5 - (y + 0.5) * scale) * Triangle(j % from + 0.5 - (x + 0.5) * scale);
                sum += w * source[j * Channels + c];
                weights += w;
            }

            target[i] = sum / weights;
        }

        return target;

        double Triangle(double distance) => Math.Max(0, 1 - Math.Abs(distance) / Math.Max(1, scale));
    }

    private static float[] Noise(int count)
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, count).Select(_ => 2 * random.NextSingle() - 1)];
    }
}
