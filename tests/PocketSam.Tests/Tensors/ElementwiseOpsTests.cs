using PocketSam.Tensors;

namespace PocketSam.Tests.Tensors;

[Trait("Category", "Simd")]
public sealed class ElementwiseOpsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(19)]
    [InlineData(64)]
    public void Gelu_has_the_gradient_of_its_values(int channels)
    {
        Tensor x = Tensor.From(Samples.Uniform(3 * channels, 1, scale: 4f), 3, channels);
        GradientCheck.Of([x], x.Gelu);
    }

    [Fact]
    public void Relu_has_the_gradient_of_its_values()
    {
        Tensor x = Samples.Tensor(2, 3, 23);

        // Differences know nothing at the kink: stay away from it.
        foreach (ref float value in x.Span)
            value += MathF.CopySign(0.1f, value);
        GradientCheck.Of([x], x.Relu);
    }

    [Fact]
    public unsafe void Relu_of_zero_has_no_gradient()
    {
        Tensor x = Tensor.Zeros(1, 40);
        x.Buffer.WantsGradient = true;
        using Tape tape = Tape.Record();
        Tensor y = x.Relu();
        Tape.GradientToAddTo(y);
        y.GradientSpan.Fill(1f);
        tape.Backward();
        Assert.All(x.GradientSpan.ToArray(), g => Assert.Equal(0f, g));
    }

    [Fact]
    public void Add_has_the_gradient_of_its_values()
    {
        Tensor x = Samples.Tensor(4, 2, 5, 7), y = Samples.Tensor(5, 2, 5, 7);
        GradientCheck.Of([x, y], () => x.Add(y));
    }

    [Fact]
    public void A_tensor_added_to_itself_gets_both_gradients()
    {
        Tensor x = Samples.Tensor(6, 2, 35);
        GradientCheck.Of([x], () => x.Add(x));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void AddRepeated_has_the_gradient_of_its_values(int repeats)
    {
        Tensor x = Samples.Tensor(7, repeats, 3, 9), y = Samples.Tensor(8, 1, 3, 9);
        GradientCheck.Of([x, y], () => x.AddRepeated(y));
    }

    [Fact]
    public void Operands_that_do_not_fit_are_refused()
    {
        using Tape tape = Tape.Inference();
        Assert.Throws<ArgumentException>(() => Tensor.Zeros(2, 3).Add(Tensor.Zeros(2, 4)));
        Assert.Throws<ArgumentException>(() => Tensor.Zeros(2, 3).AddRepeated(Tensor.Zeros(1, 4)));
    }
}
