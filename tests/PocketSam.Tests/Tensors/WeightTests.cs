using PocketSam.Kernels;
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

        // Whoever asks for them gets them, from then on.
        Assert.Equal(values, frozen.Value.Span.ToArray());
        Assert.Same(frozen.Value, frozen.Value);
        Assert.Equal(expected, x.Linear(frozen, null).Span.ToArray());
        Assert.Equal([n, k], frozen.Shape);
        Assert.Equal(n * k, frozen.Count);
    }

    [Fact]
    public void A_weight_that_changes_is_packed_again()
    {
        Weight weight = Samples.Weight(1, 8, 4);
        Assert.Equal(weight.Value.Span[4], Packed(weight));
        weight.Value.Span[4] = 7;
        weight.Changed();
        Assert.Equal(7, Packed(weight));

        static unsafe float Packed(Weight weight) => weight.Transposed(8, 4).Panel(1 / PackedMatrix.PanelWidth)[1 % PackedMatrix.PanelWidth];
    }

    private static Weight Frozen(float[] values, params int[] shape)
    {
        Tensor tensor = Tensor.Native(shape);
        values.CopyTo(tensor.Span);
        return new Weight(tensor, isFrozen: true);
    }
}
