using PocketSam.Kernels.Decoder;
using PocketSam.Kernels.Vectors;

namespace PocketSam.Tests.Kernels;

[Trait("Category", "Simd")]
public sealed unsafe class MaskUpscaleKernelTests
{
    private const float Epsilon = 1e-6f;
    private const double Tolerance = 2e-5;

    [Theory]
    [InlineData(1, 16, 1)]
    [InlineData(4, 32, 3)]
    [InlineData(9, 16, 2)] // lines across panels, the last of them not full
    [InlineData(6, 64, 5)]
    public void Equals_the_definition(int side, int channels, int masks)
    {
        int rows = side * side, inner = channels / 4, outer = channels / 8, size = 4 * side;
        float[] x = Samples.Uniform(rows * channels, 1), w1 = Samples.Uniform(channels * channels, 2, 0.3f);
        float[] b1 = Repeat(Samples.Uniform(inner, 3)), gain = Samples.Uniform(inner, 4), shift = Samples.Uniform(inner, 5);
        float[] w2 = Samples.Uniform(4 * outer * inner, 6, 0.3f), b2 = Repeat(Samples.Uniform(outer, 7));
        float[] filters = Samples.Uniform(masks * outer, 8);

        double[] expected = new double[masks * size * size];
        for (int n = 0; n < rows; n++)
        {
            double[] first = Times(w1, Reference.ToDouble(x.AsSpan(n * channels, channels)), b1);
            for (int i = 0; i < 4; i++)
            {
                double[] cell = first[(i * inner)..((i + 1) * inner)];
                double mean = cell.Average(), variance = cell.Average(v => (v - mean) * (v - mean));
                double[] normed = [.. cell.Select(
                    (v, c) => Reference.Gelu((v - mean) / Math.Sqrt(variance + Epsilon) * gain[c] + shift[c]))];
                double[] second = [.. Times(w2, normed, b2).Select(Reference.Gelu)];
                for (int j = 0; j < 4; j++)
                {
                    int row = 4 * (n / side) + 2 * (i / 2) + j / 2, column = 4 * (n % side) + 2 * (i % 2) + j % 2;
                    for (int mask = 0; mask < masks; mask++)
                    {
                        expected[(mask * size + row) * size + column] =
                            Enumerable.Range(0, outer).Sum(c => filters[mask * outer + c] * second[j * outer + c]);
                    }
                }
            }
        }

        Guarded source = Guarded.From(x), panels = new((int)PackedImage.Size(rows, channels));
        PackedImage.Pack(source.Data, rows, channels, null, panels.Data);
        Guarded gw1 = Guarded.From(w1), gb1 = Guarded.From(b1), gg = Guarded.From(gain), gs = Guarded.From(shift);
        Guarded gw2 = Guarded.From(w2), gb2 = Guarded.From(b2), gf = Guarded.From(filters), logits = new(expected.Length);
        int count = PackedImage.Panels(rows);
        for (int panel = 0; panel < count; panel++)
        {
            Simd.Run(new MaskUpscaleKernel
            {
                Channels = channels,
                Side = side,
                Masks = masks,
                Start = panel,
                End = panel + 1,
                Rows = panels.Data,
                Weights1 = gw1.Data,
                Bias1 = gb1.Data,
                NormGain = gg.Data,
                NormBias = gs.Data,
                Epsilon = Epsilon,
                Weights2 = gw2.Data,
                Bias2 = gb2.Data,
                Filters = gf.Data,
                Logits = logits.Data,
            });
        }

        logits.AssertEquals(expected, Tolerance * channels, "logits");
    }

    private static float[] Repeat(float[] x) => [.. x, .. x, .. x, .. x];

    private static double[] Times(float[] weights, double[] x, float[] bias)
        => [.. bias.Select((b, o) => b + Enumerable.Range(0, x.Length).Sum(c => weights[o * x.Length + c] * x[c]))];
}
