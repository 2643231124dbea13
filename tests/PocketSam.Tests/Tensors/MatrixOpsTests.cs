using PocketSam.Kernels.Vectors;
using PocketSam.Tensors;

namespace PocketSam.Tests.Tensors;

[Trait("Category", "Simd")]
public sealed class MatrixOpsTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(5, 7, 3)]
    [InlineData(13, 33, 19)]
    [InlineData(2, 65, 40)]
    public void Linear_has_the_gradient_of_its_values(int rows, int outputs, int inputs)
    {
        Tensor x = Samples.Tensor(1, rows, inputs);
        Weight w = Samples.Weight(2, outputs, inputs), b = Samples.Weight(3, outputs);
        GradientCheck.Of([x], [w], () => x.Linear(w, null));
        GradientCheck.Of([x], [w, b], () => x.Linear(w, b));
    }

    [Fact]
    public void Linear_with_a_residual_has_the_gradient_of_its_values()
    {
        Tensor x = Samples.Tensor(1, 2, 5, 9), residual = Samples.Tensor(2, 2, 5, 21);
        Weight w = Samples.Weight(3, 21, 9), b = Samples.Weight(4, 21);
        GradientCheck.Of([x, residual], [w, b], () => x.Linear(w, b, residual));
    }

    [Fact]
    public void Linear_whose_residual_is_its_input_gets_both_gradients()
    {
        Tensor x = Samples.Tensor(1, 6, 18);
        Weight w = Samples.Weight(2, 18, 18);
        GradientCheck.Of([x], [w], () => x.Linear(w, null, residual: x));
    }

    [Fact]
    public void Linear_with_relu_has_the_gradient_of_its_values()
    {
        // Half of the outputs far above the kink, half far below.
        Tensor x = Samples.Tensor(1, 5, 4), residual = Samples.Tensor(4, 5, 18);
        Weight w = Samples.Weight(2, 18, 4), b = Samples.Weight(3, 18);
        for (int i = 0; i < 18; i++)
            b.Value.Span[i] = i % 2 == 0 ? 8f : -8f;
        GradientCheck.Of([x], [w, b], () => x.Linear(w, b, activation: Activation.Relu));
        GradientCheck.Of([x, residual], [w, b], () => x.Linear(w, b, residual, Activation.Relu));
    }

    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(3, 4, 18, 7)]
    [InlineData(2, 7, 35, 5)]
    public void MatMulTransposed_has_the_gradient_of_its_values(int batch, int m, int n, int k)
    {
        Tensor a = Samples.Tensor(1, batch, m, k), b = Samples.Tensor(2, batch, n, k);
        GradientCheck.Of([a, b], () => MatrixOps.MatMulTransposed(a, b));
    }

    [Fact]
    public void MatMulTransposed_of_a_tensor_with_itself_gets_both_gradients()
    {
        Tensor a = Samples.Tensor(1, 2, 5, 9);
        GradientCheck.Of([a], () => MatrixOps.MatMulTransposed(a, a));
    }

    [Fact]
    public void What_has_no_gradient_or_does_not_fit_is_refused()
    {
        Tensor x = Samples.Tensor(1, 3, 8);
        Weight w = Samples.Weight(2, 5, 8);
        w.Value.Buffer.WantsGradient = true;
        using Tape tape = Tape.Record();
        Assert.Throws<ArgumentException>(() => x.Linear(w, null, activation: Activation.Gelu));
        Assert.Throws<ArgumentException>(() => x.Linear(Samples.Weight(3, 5, 9), null));
        Assert.Throws<ArgumentException>(() => MatrixOps.MatMulTransposed(x, Samples.Tensor(4, 3, 7)));
    }
}
