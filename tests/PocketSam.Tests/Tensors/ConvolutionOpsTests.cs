using PocketSam.Kernels.Vectors;
using PocketSam.Tensors;

namespace PocketSam.Tests.Tensors;

[Trait("Category", "Simd")]
public sealed class ConvolutionOpsTests
{
    [Theory]
    [InlineData(3, 1, 1, 3, 5, 4, 6)] // copied patches: few channels
    [InlineData(3, 2, 1, 3, 7, 6, 18)]
    [InlineData(2, 2, 0, 1, 4, 6, 5)]
    [InlineData(3, 1, 1, 17, 4, 3, 5)] // gathered patches: many channels
    [InlineData(3, 2, 1, 16, 5, 4, 19)]
    [InlineData(1, 1, 0, 9, 3, 4, 7)] // a plain product
    [InlineData(1, 2, 0, 9, 3, 4, 7)]
    [InlineData(3, 1, 1, 4, 1, 1, 3)]
    [InlineData(3, 2, 1, 20, 1, 2, 3)]
    public void Conv2d_has_the_gradient_of_its_values(
        int kernel, int stride, int padding, int inChannels, int height, int width, int outChannels)
    {
        Tensor x = Samples.Tensor(1, 2, height, width, inChannels);
        Weight w = Samples.Weight(2, outChannels, kernel, kernel, inChannels), b = Samples.Weight(3, outChannels);
        GradientCheck.Of([x], [w, b], () => x.Conv2d(w, b, stride, padding));
        GradientCheck.Of([x], [w], () => x.Conv2d(w, null, stride, padding));
    }

    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(1, 5, 4, 19)]
    [InlineData(1, 3, 1, 7)]
    [InlineData(2, 1, 1, 5)]
    [InlineData(2, 5, 4, 19)]
    [InlineData(2, 4, 7, 33)]
    [InlineData(2, 2, 1, 3)]
    public void DepthwiseConv2d_has_the_gradient_of_its_values(int stride, int height, int width, int channels)
    {
        Tensor x = Samples.Tensor(1, 2, height, width, channels);
        Weight w = Samples.Weight(2, 3, 3, channels);
        if (height > 1 && width > 1)
        {
            GradientCheck.Of([x], [w], () => x.DepthwiseConv2d(w, stride));
            Weight bias = Samples.Weight(3, channels);
            GradientCheck.Of([x], [w, bias], () => x.DepthwiseConv2d(w, stride, bias));
            return;
        }

        // In a picture of one row or column most taps see nothing but zeros; the input's gradient is what is left.
        GradientCheck.Of([x], () => x.DepthwiseConv2d(w, stride));
        GradientCheck.Of([], [w], () => x.DepthwiseConv2d(w, stride));
    }

    [Theory]
    [InlineData(1, 1, 4, 4)]
    [InlineData(3, 2, 5, 3)]
    [InlineData(2, 5, 18, 9)]
    public void ConvTranspose2x2_has_the_gradient_of_its_values(int height, int width, int inChannels, int outChannels)
    {
        Tensor x = Samples.Tensor(1, 2, height, width, inChannels);
        Weight w = Samples.Weight(2, 4 * outChannels, inChannels), b = Samples.Weight(3, outChannels);
        GradientCheck.Of([x], [w, b], () => x.ConvTranspose2x2(w, b));
    }

    [Fact]
    public void ConvTranspose2x2_places_each_pixel_in_its_square()
    {
        Tensor x = Tensor.From([1f, 10f, 100f, 1000f], 1, 2, 2, 1);
        var w = new Weight(Tensor.From([1f, 2f, 3f, 4f], 4, 1));
        var b = new Weight(Tensor.From([0.5f], 1));
        using Tape tape = Tape.Inference();
        Assert.Equal(
            [
                1.5f, 2.5f, 10.5f, 20.5f,
                3.5f, 4.5f, 30.5f, 40.5f,
                100.5f, 200.5f, 1000.5f, 2000.5f,
                300.5f, 400.5f, 3000.5f, 4000.5f,
            ],
            x.ConvTranspose2x2(w, b).Span.ToArray());
    }

    [Fact]
    public void What_has_no_gradient_or_does_not_fit_is_refused()
    {
        Tensor x = Samples.Tensor(1, 1, 4, 4, 8);
        Weight w = Samples.Weight(2, 5, 3, 3, 8), depthwise = Samples.Weight(3, 3, 3, 8);
        w.Value.Buffer.WantsGradient = depthwise.Value.Buffer.WantsGradient = true;
        using Tape tape = Tape.Record();
        Assert.Throws<ArgumentException>(() => x.Conv2d(w, null, 1, 1, Activation.Relu));
        Assert.Throws<ArgumentException>(() => x.DepthwiseConv2d(depthwise, 1, gelu: true));
        Assert.Throws<ArgumentException>(() => x.Conv2d(Samples.Weight(5, 5, 3, 3, 7), null, 1, 1));
    }
}
