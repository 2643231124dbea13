using PocketSam.Kernels.Products;
using PocketSam.Tensors;

namespace PocketSam.Tests.Tensors;

/// <summary>The values of a weight and its packed form, where they are and where they come back from.</summary>
[Trait("Category", "Simd")]
public sealed class WeightTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(37, 19)]
    [InlineData(64, 32)]
    public void A_frozen_weight_gives_its_values_back_and_computes_the_same(int n, int k)
    {
        Tensor x = Samples.Tensor(1, 5, k);
        float[] values = Samples.Uniform(n * k, 2);
        Weight free = new(Tensor.From(values, n, k)), frozen = Frozen(values, n, k);
        Assert.Equal(values, frozen.ToArray());

        using Tape tape = Tape.Inference();
        float[] expected = x.Linear(free, null).Span.ToArray();
        Assert.Equal(expected, x.Linear(frozen, null).Span.ToArray());
        Assert.Equal(values, frozen.ToArray());
        Assert.Equal(expected, x.Linear(frozen, null).Span.ToArray());
        Assert.Throws<InvalidOperationException>(() => frozen.Value);
        Assert.Equal([n, k], frozen.Shape);
        Assert.Equal(n * k, frozen.Count);
    }

    [Fact]
    public void A_frozen_weight_that_is_read_elsewhere_keeps_its_values()
    {
        float[] values = Samples.Uniform(12, 1);
        var frozen = new Weight(Tensor.From(values, 3, 4), isFrozen: true);
        using Tape tape = Tape.Inference();
        Samples.Tensor(2, 5, 4).Linear(frozen, null);
        Assert.Equal(values, frozen.Value.Span.ToArray());
    }

    [Fact]
    public void A_frozen_weight_cannot_learn()
    {
        var frozen = new Weight(Samples.Tensor(1, 3, 4), isFrozen: true) { WantsGradient = false };
        Assert.Throws<InvalidOperationException>(() => frozen.WantsGradient = true);
        Assert.False(frozen.WantsGradient);
    }

    [Fact]
    public void Each_change_moves_the_version_of_the_model()
    {
        var model = new WeightVersion();
        Weight a = new(Samples.Tensor(1, 2, 2), "a", model), b = new(Samples.Tensor(2, 2, 2), "b", model);
        a.Changed();
        b.Changed();
        b.Changed();
        Assert.Equal((3, 1, 2), (model.Value, a.Version, b.Version));
    }

    [Fact]
    public void A_weight_that_changes_is_packed_again()
    {
        Weight weight = Samples.Weight(1, 8, 4);
        Assert.Equal(weight.Value.Span[4], Packed(weight));
        weight.Value.Span[4] = 7;
        weight.Changed();
        Assert.Equal(7, Packed(weight));

        static unsafe float Packed(Weight weight) => ((PackedMatrix)weight.Transposed(8, 4)).Panel(1 / PackedOperand.PanelWidth)[1 % PackedOperand.PanelWidth];
    }

    private static Weight Frozen(float[] values, params int[] shape)
    {
        Tensor tensor = Tensor.Native(shape);
        values.CopyTo(tensor.Span);
        return new Weight(tensor, isFrozen: true, isProduct: true);
    }
}
