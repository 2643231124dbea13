using PocketSam.Tensors;

namespace PocketSam.Tests.Tensors;

[Trait("Category", "Simd")]
public sealed class NormalizationOpsTests
{
    private const float Epsilon = 1e-5f;

    [Theory]
    [InlineData(1, 3)]
    [InlineData(5, 19)]
    [InlineData(3, 64)]
    [InlineData(2, 33)]
    public void LayerNorm_has_the_gradient_of_its_values(int rows, int channels)
    {
        Tensor x = Samples.Tensor(1, rows, channels);
        Tensor gain = Samples.Tensor(2, channels), bias = Samples.Tensor(3, channels);
        GradientCheck.Of([x, gain, bias], () => x.LayerNorm(gain, bias, Epsilon));
    }

    [Theory]
    [InlineData(2, 1, false)]
    [InlineData(12, 19, false)]
    [InlineData(12, 19, true)]
    [InlineData(9, 64, true)]
    public void BatchNorm_has_the_gradient_of_its_values(int rows, int channels, bool gelu)
    {
        // Two rows become +1 and -1 whatever they are, but for epsilon: spread so that nothing is flat.
        float epsilon = rows == 2 ? 0.5f : Epsilon;
        Tensor x = Samples.Tensor(1, rows, channels);
        Tensor gain = Samples.Tensor(2, channels), bias = Samples.Tensor(3, channels);
        GradientCheck.Of([x, gain, bias], () => x.BatchNorm(gain, bias, epsilon, gelu, out _, out _, out _));
    }

    [Fact]
    public void BatchNorm_tells_the_statistics_of_the_batch()
    {
        const float Tolerance = 1e-6f; // single rounding of values about 1
        const int Rows = 37, Channels = 21;
        Tensor x = Samples.Tensor(1, Rows, Channels), gain = Samples.Tensor(2, Channels), bias = Samples.Tensor(3, Channels);
        using Tape tape = Tape.Inference();
        x.BatchNorm(gain, bias, Epsilon, gelu: false, out float[] mean, out float[] variance, out _);
        for (int c = 0; c < Channels; c++)
        {
            double[] column = [.. Enumerable.Range(0, Rows).Select(r => (double)x.Span[r * Channels + c])];
            double m = column.Average(), v = column.Average(value => (value - m) * (value - m));
            Assert.Equal(m, mean[c], Tolerance);
            Assert.Equal(v, variance[c], Tolerance);
        }
    }
}
