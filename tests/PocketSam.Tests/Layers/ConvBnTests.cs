using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Tests.Layers;

[Trait("Category", "Simd")]
public sealed class ConvBnTests
{
    private const double Epsilon = 1e-5;

    /// <summary>Folding rounds each weight once more: relative to the largest value.</summary>
    private const double FoldingTolerance = 1e-5;

    /// <summary>Single rounding of statistics about 1 that are updated a few times.</summary>
    private const double StatisticsTolerance = 2e-6;

    public static TheoryData<int, int, int, int, bool> Kinds => new()
    {
        // in, out, kernel, stride, depthwise
        { 19, 33, 1, 1, false },
        { 3, 8, 3, 2, false },
        { 17, 9, 3, 2, false },
        { 16, 24, 3, 1, false },
        { 20, 20, 3, 1, true },
        { 20, 20, 3, 2, true },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_folded_form_equals_convolution_and_norm(
        int inChannels, int outChannels, int kernel, int stride, bool depthwise)
    {
        ConvBn layer = Create(inChannels, outChannels, kernel, stride, depthwise, out StateDict state);
        Tensor x = Samples.Tensor(1, 2, 7, 6, inChannels);
        using Tape tape = Tape.Inference();
        foreach (bool gelu in new[] { false, true })
            AssertClose(Unfolded(state, x, stride, depthwise, gelu), layer.Forward(x, gelu));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_residual_is_added_before_the_activation(bool depthwise)
    {
        ConvBn layer = Create(20, 20, depthwise ? 3 : 1, 1, depthwise, out StateDict state);
        Tensor x = Samples.Tensor(1, 2, 7, 6, 20), residual = Samples.Tensor(2, 2, 7, 6, 20);
        using Tape tape = Tape.Inference();
        Tensor sum = Unfolded(state, x, stride: 1, depthwise, gelu: false).Add(residual);
        AssertClose(sum, layer.Forward(x, residual: residual));
        AssertClose(sum.Gelu(), layer.Forward(x, gelu: true, residual));
    }

    [Fact]
    public void A_residual_of_another_convolution_is_refused()
    {
        ConvBn layer = Create(8, 8, 3, 1, false, out _);
        Tensor x = Samples.Tensor(1, 1, 5, 5, 8);
        using Tape tape = Tape.Inference();
        Assert.Throws<ArgumentException>(() => layer.Forward(x, residual: x));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void In_training_the_statistics_of_the_batch_are_used(
        int inChannels, int outChannels, int kernel, int stride, bool depthwise)
    {
        ConvBn layer = Create(inChannels, outChannels, kernel, stride, depthwise, out StateDict state);

        // A norm over statistics 0 and 1 - epsilon leaves the convolution as it is.
        SetValues(state, "bn.running_mean", 0f);
        SetValues(state, "bn.running_var", 1f - (float)Epsilon);
        SetValues(state, "bn.weight", 1f);
        SetValues(state, "bn.bias", 0f);
        Tensor x = Samples.Tensor(3, 2, 7, 6, inChannels);
        using Tape tape = Tape.Record();
        Tensor convolved = Unfolded(state, x, stride, depthwise, gelu: false);
        (double[] mean, double[] variance) = Statistics(convolved);

        state.SetTraining(true);
        Tensor y = layer.Forward(x);
        double[] expected = new double[y.Count];
        for (int i = 0; i < expected.Length; i++)
        {
            int c = i % outChannels;
            expected[i] = (convolved.Span[i] - mean[c]) / Math.Sqrt(variance[c] + Epsilon);
        }

        AssertClose(expected, y.Span, 10 * FoldingTolerance);
    }

    [Fact]
    public void Running_statistics_move_by_a_tenth_towards_the_unbiased_ones()
    {
        const int Channels = 5;
        ConvBn layer = Create(Channels, Channels, 1, 1, false, out StateDict state);
        Span<float> identity = Entry(state, "c.weight").Value.Span;
        for (int i = 0; i < identity.Length; i++)
            identity[i] = i / Channels == i % Channels ? 1f : 0f;
        Entry(state, "c.weight").Changed();
        double[] mean = [.. Entry(state, "bn.running_mean").Value.Span.ToArray().Select(v => (double)v)];
        double[] variance = [.. Entry(state, "bn.running_var").Value.Span.ToArray().Select(v => (double)v)];

        state.SetTraining(true);
        for (int step = 0; step < 5; step++)
        {
            Tensor x = Samples.Tensor(10 + step, 2, 3 + step, 4, Channels);
            using Tape tape = Tape.Record();
            layer.Forward(x);
            (double[] m, double[] v) = Statistics(x);
            double unbiased = x.Rows / (x.Rows - 1.0);
            for (int c = 0; c < Channels; c++)
            {
                mean[c] = 0.9 * mean[c] + 0.1 * m[c];
                variance[c] = 0.9 * variance[c] + 0.1 * v[c] * unbiased;
            }
        }

        AssertClose(mean, Entry(state, "bn.running_mean").Value.Span, StatisticsTolerance);
        AssertClose(variance, Entry(state, "bn.running_var").Value.Span, StatisticsTolerance);
    }

    [Fact]
    public void Evaluation_moves_no_statistics()
    {
        ConvBn layer = Create(6, 6, 1, 1, false, out StateDict state);
        float[][] before = [.. state.Entries.Select(e => e.Weight.Value.Span.ToArray())];
        using Tape tape = Tape.Inference();
        layer.Forward(Samples.Tensor(1, 2, 3, 4, 6));
        Assert.Equal(before, state.Entries.Select(e => e.Weight.Value.Span.ToArray()));
    }

    [Fact]
    public void The_folded_form_follows_every_change()
    {
        ConvBn layer = Create(6, 6, 1, 1, false, out StateDict state);
        Tensor x = Samples.Tensor(1, 2, 3, 4, 6);
        using Tape tape = Tape.Inference();
        foreach (StateEntry entry in state.Entries)
        {
            float[] before = layer.Forward(x).Span.ToArray();
            foreach (ref float value in entry.Weight.Value.Span)
                value += 0.5f;
            entry.Weight.Changed();
            Tensor after = layer.Forward(x);
            Assert.NotEqual(before, after.Span.ToArray());
            AssertClose(Unfolded(state, x, stride: 1, depthwise: false, gelu: false), after);
        }
    }

    private static ConvBn Create(
        int inChannels, int outChannels, int kernel, int stride, bool depthwise, out StateDict state)
    {
        int[] shape = [outChannels, depthwise ? 1 : inChannels, kernel, kernel];
        var tensors = new Dictionary<string, StoredTensor>
        {
            ["c.weight"] = Stored(1, 0f, shape),
            ["bn.weight"] = Stored(2, 1.5f, outChannels),
            ["bn.bias"] = Stored(3, 0f, outChannels),
            ["bn.running_mean"] = Stored(4, 0f, outChannels),
            ["bn.running_var"] = Stored(5, 1.2f, outChannels),
        };
        state = StateDict.FromCheckpoint(new Checkpoint("test", tensors, new Dictionary<string, string>()));
        return new ConvBn(inChannels, outChannels, kernel, state.Root, stride, depthwise);

        static StoredTensor Stored(int seed, float offset, params int[] shape)
        {
            float[] values = Samples.Uniform(shape.Aggregate(1, (a, b) => a * b), seed);
            return StoredTensor.FromFloats([.. values.Select(v => v + offset)], shape);
        }
    }

    /// <summary>The convolution, then the norm with the running statistics, one after the other.</summary>
    private static Tensor Unfolded(StateDict state, Tensor x, int stride, bool depthwise, bool gelu)
    {
        Weight weight = Entry(state, "c.weight");
        Tensor y = depthwise
            ? x.DepthwiseConv2d(weight, stride)
            : x.Conv2d(weight, null, stride, weight.Shape[1] / 2);
        Span<float> gain = Entry(state, "bn.weight").Value.Span, bias = Entry(state, "bn.bias").Value.Span;
        Span<float> mean = Entry(state, "bn.running_mean").Value.Span, variance = Entry(state, "bn.running_var").Value.Span;
        for (int i = 0; i < y.Count; i++)
        {
            int c = i % y.Channels;
            y.Span[i] = (float)((y.Span[i] - mean[c]) / Math.Sqrt(variance[c] + Epsilon) * gain[c] + bias[c]);
        }

        return gelu ? y.Gelu() : y;
    }

    private static Weight Entry(StateDict state, string key) => state.Entries.Single(e => e.Key == key).Weight;

    private static void SetValues(StateDict state, string key, float value)
    {
        Entry(state, key).Value.Span.Fill(value);
        Entry(state, key).Changed();
    }

    /// <summary>Mean and biased variance of each channel.</summary>
    private static (double[] Mean, double[] Variance) Statistics(Tensor x)
    {
        double[] mean = new double[x.Channels], variance = new double[x.Channels];
        for (int i = 0; i < x.Count; i++)
            mean[i % x.Channels] += x.Span[i] / (double)x.Rows;
        for (int i = 0; i < x.Count; i++)
            variance[i % x.Channels] += Math.Pow(x.Span[i] - mean[i % x.Channels], 2) / x.Rows;
        return (mean, variance);
    }

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        AssertClose([.. expected.Span.ToArray().Select(v => (double)v)], actual.Span, FoldingTolerance);
    }

    private static void AssertClose(double[] expected, ReadOnlySpan<float> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            double error = Math.Abs(expected[i] - actual[i]);
            Assert.True(error <= tolerance * largest, $"{actual[i]} at {i} instead of {expected[i]}");
        }
    }
}
