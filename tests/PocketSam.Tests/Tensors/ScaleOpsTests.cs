using PocketSam.Tensors;

namespace PocketSam.Tests.Tensors;

[Trait("Category", "Simd")]
public sealed class ScaleOpsTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 5)]
    [InlineData(300, 37)] // several parts
    public void AddScaledChannels_equals_the_naive_loop_and_has_the_gradient_of_its_values(int rows, int channels)
    {
        Tensor residual = Samples.Tensor(1, 1, rows, channels), x = Samples.Tensor(2, 1, rows, channels);
        Weight gain = Samples.Weight(3, channels);
        using (Tape.Inference())
        {
            float[] expected = [.. Enumerable.Range(0, rows * channels).Select(i => x.Span[i] * gain.Value.Span[i % channels] + residual.Span[i])];
            Assert.Equal(expected, residual.AddScaledChannels(x, gain).Span.ToArray());
            Tensor target = Tensor.From(residual.Span, 1, rows, channels);
            target.AddScaledChannelsInPlace(x, gain);
            Assert.Equal(expected, target.Span.ToArray());
        }

        GradientCheck.Of([residual, x], [gain], () => residual.AddScaledChannels(x, gain));
        GradientCheck.Of([x], [gain], () => x.AddScaledChannels(x, gain));
    }
}
