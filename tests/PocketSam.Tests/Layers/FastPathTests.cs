using PocketSam.Kernels.Vectors;
using PocketSam.Tensors;

namespace PocketSam.Tests.Layers;

/// <summary>What evaluation fuses equals what training does op by op.</summary>
[Trait("Category", "Simd")]
public sealed class FastPathTests
{
    [Fact]
    public void A_linear_layer_with_bias_residual_and_activation()
    {
        Tensor x = Samples.Tensor(1, 13, 19), residual = Samples.Tensor(2, 13, 37);
        Weight w = Samples.Weight(3, 37, 19), b = Samples.Weight(4, 37);
        using Tape tape = Tape.Inference();
        Tensor plain = x.Linear(w, null).AddRepeated(b.Value).Add(residual);
        foreach (Activation activation in Enum.GetValues<Activation>())
            AssertClose(Activate(plain, activation), x.Linear(w, b, residual, activation));
    }

    [Fact]
    public void A_linear_layer_added_in_place()
    {
        // More inputs than one block of the product.
        Tensor x = Samples.Tensor(1, 13, 300), sum = Samples.Tensor(2, 13, 37);
        Weight w = Samples.Weight(3, 37, 300), b = Samples.Weight(4, 37);
        using Tape tape = Tape.Inference();
        Tensor plain = x.Linear(w, b, sum);
        sum.AddLinear(x, w, b);
        AssertClose(plain, sum);
        Assert.Throws<ArgumentException>(() => sum.AddLinear(Samples.Tensor(1, 12, 300), w, b));
    }

    [Theory]
    [InlineData(3, 1, 1, 4)]
    [InlineData(3, 2, 1, 20)]
    [InlineData(2, 2, 0, 4)]
    [InlineData(1, 1, 0, 20)]
    public void A_convolution_with_bias_and_activation(int kernel, int stride, int padding, int channels)
    {
        Tensor x = Samples.Tensor(1, 2, 6, 8, channels);
        Weight w = Samples.Weight(2, 21, kernel, kernel, channels), b = Samples.Weight(3, 21);
        using Tape tape = Tape.Inference();
        foreach (Activation activation in Enum.GetValues<Activation>())
        {
            Tensor plain = x.Conv2d(w, null, stride, padding).AddRepeated(b.Value);
            AssertClose(Activate(plain, activation), x.Conv2d(w, b, stride, padding, activation));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_depthwise_convolution_with_bias_and_gelu(int stride)
    {
        Tensor x = Samples.Tensor(1, 2, 6, 7, 21);
        Weight w = Samples.Weight(2, 3, 3, 21), b = Samples.Weight(3, 21);
        using Tape tape = Tape.Inference();
        Tensor plain = x.DepthwiseConv2d(w, stride).AddRepeated(b.Value);
        AssertClose(plain, x.DepthwiseConv2d(w, stride, b));
        AssertClose(plain.Gelu(), x.DepthwiseConv2d(w, stride, b, gelu: true));
    }

    [Fact]
    public void A_convolution_of_few_channels_and_one_of_many_read_the_same_patches()
    {
        // 15 channels are copied, 16 (the last of them zero) are gathered.
        Tensor few = Samples.Tensor(1, 2, 6, 7, 15), many = Tensor.Zeros(2, 6, 7, 16);
        Weight w = Samples.Weight(2, 9, 3, 3, 15), wide = new(Tensor.Zeros(9, 3, 3, 16));
        Widen(few, many);
        Widen(w.Value, wide.Value);
        using Tape tape = Tape.Inference();
        AssertClose(few.Conv2d(w, null, 2, 1), many.Conv2d(wide, null, 2, 1));

        static void Widen(Tensor from, Tensor to)
        {
            for (int r = 0; r < from.Rows; r++)
                from.Span.Slice(r * 15, 15).CopyTo(to.Span[(r * 16)..]);
        }
    }

    private static Tensor Activate(Tensor x, Activation activation) => activation switch
    {
        Activation.Relu => x.Relu(),
        Activation.Gelu => x.Gelu(),
        Activation.Silu => Tensor.From([.. x.Span.ToArray().Select(v => (float)Kernels.Reference.Silu(v))], x.Shape),
        Activation.QuickGelu => Tensor.From([.. x.Span.ToArray().Select(v => (float)Kernels.Reference.QuickGelu(v))], x.Shape),
        _ => x,
    };

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        const float Tolerance = 1e-5f; // of the largest value: sums in another order
        Assert.Equal(expected.Shape, actual.Shape);
        float largest = expected.Span.ToArray().Max(MathF.Abs);
        for (int i = 0; i < expected.Count; i++)
            Assert.Equal(expected.Span[i], actual.Span[i], Tolerance * largest);
    }
}
