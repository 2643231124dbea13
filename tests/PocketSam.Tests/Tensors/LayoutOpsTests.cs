using PocketSam.Tensors;

namespace PocketSam.Tests.Tensors;

[Trait("Category", "Simd")]
public sealed class LayoutOpsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(19)]
    public void GatherRows_has_the_gradient_of_its_values(int channels)
    {
        Tensor x = Samples.Tensor(1, 6, channels);
        GradientCheck.Of([x], () => x.GatherRows([4, -1, 0, 5, -1, 1, 2, 3], unique: true, 2, 4, channels));
        GradientCheck.Of([x], () => x.GatherRows([4, 4, -1, 0, 4, 1], unique: false, 3, 2, channels));
    }

    [Fact]
    public void GatherRows_with_many_rows_has_the_gradient_of_its_values()
    {
        // Enough for several parts of the loop over rows.
        const int Rows = 3000, Channels = 17;
        int[] index = [.. Enumerable.Range(0, Rows).Select(i => i % 7 == 3 ? -1 : (i * 1009) % Rows)];
        Tensor x = Samples.Tensor(1, Rows, Channels);
        GradientCheck.Of([x], () => x.GatherRows(index, unique: true, Rows, Channels));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 4)]
    [InlineData(3, 2)]
    public void RepeatItems_has_the_gradient_of_its_values(int batch, int times)
    {
        Tensor x = Samples.Tensor(1, batch, 3, 7);
        GradientCheck.Of([x], () => x.RepeatItems(times));
    }

    [Fact]
    public void RepeatItems_puts_copies_side_by_side()
    {
        using Tape tape = Tape.Inference();
        Tensor y = Tensor.From([1, 2, 3, 4], 2, 2).RepeatItems(2);
        Assert.Equal([4, 2], y.Shape);
        Assert.Equal([1, 2, 1, 2, 3, 4, 3, 4], y.Span.ToArray());
    }

    [Fact]
    public void Concatenate_has_the_gradient_of_its_values()
    {
        Tensor a = Samples.Tensor(1, 2, 3, 9), b = Samples.Tensor(2, 2, 1, 9), c = Samples.Tensor(3, 2, 4, 9);
        GradientCheck.Of([a, b, c], () => LayoutOps.Concatenate(a, b, c));
        GradientCheck.Of([a, b], () => LayoutOps.Concatenate(a, b, a));
    }

    [Fact]
    public void Slice_has_the_gradient_of_its_values()
    {
        Tensor x = Samples.Tensor(1, 2, 5, 9);
        GradientCheck.Of([x], () => x.Slice(1, 3));
        GradientCheck.Of([x], () => x.Slice(4, 1));
        GradientCheck.Of([x], () => x.Slice(0, 5));
    }

    [Fact]
    public void Slices_of_a_concatenation_are_its_parts()
    {
        Tensor a = Samples.Tensor(1, 2, 3, 5), b = Samples.Tensor(2, 2, 4, 5);
        using Tape tape = Tape.Inference();
        Tensor joined = LayoutOps.Concatenate(a, b);
        Assert.Equal([2, 7, 5], joined.Shape);
        Assert.Equal(a.Span.ToArray(), joined.Slice(0, 3).Span.ToArray());
        Assert.Equal(b.Span.ToArray(), joined.Slice(3, 4).Span.ToArray());
    }

    [Fact]
    public void Rows_that_do_not_make_the_shape_are_refused()
    {
        using Tape tape = Tape.Inference();
        Tensor x = Samples.Tensor(1, 4, 3);
        Assert.Throws<ArgumentException>(() => x.GatherRows([0, 1], unique: true, 3, 3));
    }
}
