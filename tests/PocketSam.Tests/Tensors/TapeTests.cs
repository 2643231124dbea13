using PocketSam.Tensors;

namespace PocketSam.Tests.Tensors;

public sealed class TapeTests
{
    [Fact]
    public void A_tensor_used_several_times_gets_all_its_gradients()
    {
        Tensor x = Samples.Tensor(1, 4, 9);
        Weight w = Samples.Weight(2, 9, 9);
        GradientCheck.Of([x], [w], () =>
        {
            Tensor y = x.Linear(w, null).Gelu();
            return y.Add(y.Linear(w, null)).Add(x).Linear(w, null, residual: y);
        });
    }

    [Fact]
    public void A_reshaped_tensor_shares_its_gradient()
    {
        Tensor x = Samples.Tensor(1, 2, 6, 4);
        Weight w = Samples.Weight(2, 8, 8);
        GradientCheck.Of([x], [w], () =>
        {
            Tensor y = x.Gelu();
            Tensor wide = y.Reshape(2, 3, -1).Linear(w, null);
            return wide.Reshape(2, 6, 4).Add(y).Gelu().Reshape(48, 1).Gelu();
        });
    }

    [Fact]
    public void A_result_that_nothing_depends_on_does_not_disturb()
    {
        Tensor x = Samples.Tensor(1, 4, 9);
        GradientCheck.Of([x], () =>
        {
            Tensor y = x.Gelu();
            _ = y.Gelu().Add(x);
            return y;
        });
    }

    [Fact]
    public void Without_recording_nothing_wants_a_gradient()
    {
        Tensor x = Samples.Tensor(1, 4, 9);
        x.Buffer.WantsGradient = true;
        using Tape tape = Tape.Inference();
        Assert.False(x.Gelu().WantsGradient);
    }

    [Fact]
    public void The_outer_tape_continues_after_an_inner_one()
    {
        using Tape outer = Tape.Record();
        using (Tape inner = Tape.Inference())
            Assert.Same(inner, Tape.Current);
        Assert.Same(outer, Tape.Current);
    }

    [Fact]
    public async Task Each_thread_has_its_own_tape()
    {
        using Tape tape = Tape.Inference();
        var other = new TaskCompletionSource<Exception?>();
        new Thread(() => other.SetResult(Xunit.Record.Exception(() => Tensor.Zeros(1, 1).Gelu()))).Start();
        Assert.IsType<InvalidOperationException>(await other.Task);
    }

    [Fact]
    public void A_shape_needs_its_number_of_elements()
    {
        Assert.Throws<ArgumentException>(() => Tensor.From([1, 2, 3, 4], 2, 2).Reshape(3, 2));
        Assert.Throws<ArgumentException>(() => Tensor.From([1, 2, 3, 4], 2, 2).Reshape(3, -1));
    }
}
