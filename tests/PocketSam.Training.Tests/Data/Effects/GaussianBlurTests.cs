using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Tests.Data.Effects;

[Trait("Category", "Simd")]
public class GaussianBlurTests
{
    [Theory]
    [InlineData(1, 1, 0.7f)]
    [InlineData(5, 3, 2.5f)]
    [InlineData(37, 23, 0.8f)]
    [InlineData(64, 40, 2.2f)]
    public void Agrees_with_the_definition(int width, int height, float sigma)
    {
        RandomStream random = new(4);
        float[] plane = new float[width * height];
        for (int i = 0; i < plane.Length; i++)
            plane[i] = random.Uniform(0, 255);
        float[] expected = Naive(plane, width, height, sigma);

        GaussianBlur.Apply(plane, width, height, sigma);

        for (int i = 0; i < plane.Length; i++)
            Assert.Equal(expected[i], plane[i], 0.01f);
    }

    private static float[] Naive(float[] plane, int width, int height, float sigma)
    {
        int radius = (int)Math.Ceiling(3 * sigma);
        float[] blurred = new float[plane.Length];
        for (int i = 0; i < plane.Length; i++)
        {
            double sum = 0, total = 0;
            for (int dy = -radius; dy <= radius; dy++)
            {
                for (int dx = -radius; dx <= radius; dx++)
                {
                    double weight = Math.Exp(-0.5 * (dx * dx + dy * dy) / ((double)sigma * sigma));
                    int x = Math.Clamp(i % width + dx, 0, width - 1), y = Math.Clamp(i / width + dy, 0, height - 1);
                    sum += weight * plane[y * width + x];
                    total += weight;
                }
            }

            blurred[i] = (float)(sum / total);
        }

        return blurred;
    }
}
