using PocketSam.Layers;
using PocketSam.Tensors;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.Tests.Optimization;

[Trait("Category", "Simd")]
public sealed class OptimizerTests
{
    /// <summary>A few steps in float against the same in double.</summary>
    private const double Tolerance = 1e-5;

    private static readonly OptimizerOptions Options = new() { LearningRate = 0.1f, WeightDecay = 0.5f, ClipNorm = 2f };

    [Fact]
    public void Steps_follow_the_formulas()
    {
        StateDict state = StateDict.FromSeed(1);
        Weight matrix = state.Root.Get("matrix", Initializer.Ones, decays: true, 3, 7);
        Weight bias = state.Root.Get("bias", Initializer.Ones, decays: false, 5);
        state.SetTraining(true);
        var optimizer = new Optimizer(state, Options);
        double[] w = [.. Enumerable.Repeat(1.0, 26)], m = new double[26], v = new double[26], average = [.. w];
        var random = new Random(5);
        for (int step = 1; step <= 4; step++)
        {
            float[] g = [.. Enumerable.Range(0, 26).Select(_ => (float)(random.NextDouble() * 2 - 1))];
            Give(matrix, g.AsSpan(0, 21));
            Give(bias, g.AsSpan(21));
            double norm = Math.Sqrt(g.Sum(x => (double)x * x)), clip = Math.Min(1, Options.ClipNorm / norm);
            Assert.Equal(norm, optimizer.Step(Options.LearningRate), Tolerance);
            double decay = Math.Min(Options.AverageDecay, (1.0 + step) / (10.0 + step));
            for (int i = 0; i < 26; i++)
            {
                double x = g[i] * clip;
                m[i] = 0.9 * m[i] + 0.1 * x;
                v[i] = 0.999 * v[i] + 0.001 * x * x;
                double update = m[i] / (1 - Math.Pow(0.9, step)) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.999, step))) + 1e-8);
                w[i] = w[i] * (i < 21 ? 1 - 0.1 * 0.5 : 1) - 0.1 * update;
                average[i] = decay * average[i] + (1 - decay) * w[i];
            }

            AssertWeights(w);
        }

        optimizer.SwapAverages();
        AssertWeights(average);
        optimizer.SwapAverages();
        AssertWeights(w);

        void AssertWeights(double[] expected)
        {
            float[] actual = [.. matrix.Value.Span, .. bias.Value.Span];
            for (int i = 0; i < 26; i++)
                Assert.Equal(expected[i], actual[i], Tolerance);
        }
    }

    [Fact]
    public void A_gradient_that_is_not_finite_is_told_and_changes_nothing()
    {
        StateDict state = StateDict.FromSeed(1);
        Weight weight = state.Root.Get("weight", Initializer.Ones, decays: true, 4);
        state.SetTraining(true);
        var optimizer = new Optimizer(state, Options);
        Give(weight, [1f, float.NaN, 0f, 0f]);
        Assert.False(float.IsFinite(optimizer.Step(0.1f)));
        Assert.Equal([1f, 1f, 1f, 1f], weight.Value.Span.ToArray());
    }

    [Fact]
    public void A_weight_that_begins_to_learn_later_steps_as_if_it_were_the_first_step()
    {
        StateDict state = StateDict.FromSeed(1);
        Weight early = state.Root.Get("early", Initializer.Ones, decays: false, 3);
        Weight late = state.Root.Get("late", Initializer.Ones, decays: false, 3);
        state.SetTraining(true);
        var optimizer = new Optimizer(state, Options);
        for (int step = 0; step < 20; step++)
        {
            Give(early, [0.1f, 0.2f, 0.3f]);
            optimizer.Step(0.1f);
        }

        // What does not learn stays, and so does its average, to the last bit.
        Assert.Equal([1f, 1f, 1f], late.Value.Span.ToArray());
        Assert.Equal([1f, 1f, 1f], optimizer.State[1].Average);
        Give(early, [0.1f, 0.2f, 0.3f]);
        Give(late, [0.1f, -0.2f, 0.3f]);
        optimizer.Step(0.1f);
        float[] expected = [0.9f, 1.1f, 0.9f];
        for (int i = 0; i < 3; i++)
            Assert.Equal(expected[i], late.Value.Span[i], 1e-5f);
    }

    [Fact]
    public void Muon_steps_matrices_by_its_formulas_and_all_else_by_AdamW()
    {
        const int rows = 40, columns = 30;
        OptimizerOptions options = Options with { Method = OptimizerMethod.Muon };
        StateDict state = StateDict.FromSeed(1);
        Weight matrix = state.Root.Get("matrix", Initializer.Ones, decays: true, rows, columns);
        Weight narrow = state.Root.Get("narrow", Initializer.Ones, decays: true, 4, 100);
        Weight bias = state.Root.Get("bias", Initializer.Ones, decays: false, rows, columns);
        state.SetTraining(true);
        var optimizer = new Optimizer(state, options);
        Assert.Equal([true, false, false], optimizer.State.Select(w => w.IsMatrix));
        Assert.Empty(optimizer.State[0].Second);

        float[] w = new float[rows * columns], momentum = new float[w.Length], average = new float[w.Length];
        Array.Fill(w, 1f);
        Array.Fill(average, 1f);
        var random = new Random(6);
        for (int step = 1; step <= 3; step++)
        {
            float[] g = [.. w.Select(_ => (float)(random.NextDouble() * 2 - 1))];
            Give(matrix, g);
            Give(narrow, new float[400]);
            Give(bias, new float[w.Length]);
            float clip = Math.Min(1f, options.ClipNorm / optimizer.Step(0.1f)), decay = (1f + step) / (10f + step);
            float[] update = new float[w.Length];
            for (int i = 0; i < w.Length; i++)
            {
                momentum[i] = 0.95f * momentum[i] + 0.05f * clip * g[i];
                update[i] = 0.95f * momentum[i] + 0.05f * clip * g[i];
            }

            NewtonSchulz.Orthogonalize(update, rows, columns);
            for (int i = 0; i < w.Length; i++)
            {
                w[i] = w[i] * (1 - 0.1f * 0.5f) - 0.1f * 0.2f * MathF.Sqrt(rows) * update[i];
                average[i] = decay * average[i] + (1 - decay) * w[i];
                Assert.Equal(w[i], matrix.Value.Span[i], 1e-4f);
                Assert.Equal(average[i], optimizer.State[0].Average[i], 1e-4f);
            }
        }

        // Without a gradient AdamW only lets weights decay.
        Assert.Equal(MathF.Pow(0.95f, 3), narrow.Value.Span[0], 1e-5f);
        Assert.Equal(1f, bias.Value.Span[0]);
    }

    private static void Give(Weight weight, ReadOnlySpan<float> gradient)
    {
        TensorBuffer buffer = BufferPool.Rent(weight.Value.Count);
        weight.Value.Buffer.Gradient = buffer;
        gradient.CopyTo(weight.Value.GradientSpan);
    }
}
