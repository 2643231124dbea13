using PocketSam.Training.Quantization;

namespace PocketSam.Training.Tests.Quantization;

public sealed class QuantizerTests
{
    [Theory]
    [InlineData(8, -128, 127)]
    [InlineData(6, -32, 31)]
    [InlineData(2, -2, 1)]
    public void One_range_is_symmetric_but_for_its_last_number(int bits, int least, int top)
    {
        var quantizer = new Quantizer.Uniform(0.5f, bits);
        Assert.Equal([least * 0.5f, top * 0.5f, 0, 0.5f, -0.5f], Apply(quantizer, -1000, 1000, 0.2f, 0.6f, -0.4f));
    }

    [Fact]
    public void Signs_have_ranges_of_their_own()
    {
        const float below = 0.04f;
        var quantizer = new Quantizer.TwinSigns(1, below, 3);
        Assert.Equal([-4 * below, -below, 0, 3, 2], Apply(quantizer, -0.17f, -1.2f * below, -0.1f * below, 90, 2.2f));
    }

    /// <summary>The published code adds both ranges: 0.5 would become 0.5 and the place where they meet.</summary>
    [Fact]
    public void Small_and_large_probabilities_have_ranges_of_their_own()
    {
        var quantizer = new Quantizer.TwinMagnitudes(0.25f, 3);
        float[] rounded = Apply(quantizer, 0, 0.05f, 0.249f, 0.25f, 0.5f, 1);
        float[] expected = [0, 0.25f / 3, 0.25f, 1f / 3, 2f / 3, 1];
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], rounded[i], 6);
    }

    [Fact]
    public void Weights_keep_their_sign_when_batch_norm_changes_it()
    {
        float[] weights = [1, -1, 0.3f, -0.26f, 0.7f, -0.7f, 0, 0];
        float[] turned = [.. weights.Select(w => -w)];
        float[] rounded = WeightRounding.Round(weights, [1, 0.5f], 4);
        Assert.Equal(rounded.Select(w => -w), WeightRounding.Round(turned, [1, 0.5f], 4));
        Assert.Equal(7 / 7.5f, rounded[0], 6);
        Assert.Equal(7 * 0.5f * 0.7f / 7.5f, rounded[4], 6);
    }

    private static float[] Apply(Quantizer quantizer, params float[] values)
    {
        float[] rounded = new float[values.Length];
        quantizer.Apply(values, rounded);
        quantizer.Apply(values, values);
        Assert.Equal(rounded, values);
        return rounded;
    }
}
