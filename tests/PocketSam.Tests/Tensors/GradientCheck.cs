using PocketSam.Tensors;

namespace PocketSam.Tests.Tensors;

/// <summary>
/// Holds the gradients of a computation against differences of its values. The loss is a random weighted sum of the
/// results, added up in double precision.
/// </summary>
internal static class GradientCheck
{
    /// <summary>
    /// Largest difference allowed, over the largest gradient of that input. Values are floats: with the step below
    /// their rounding makes about 1e-5, the cut-off series less.
    /// </summary>
    public const double Tolerance = 1e-3;

    /// <summary>Sums in another order than the first time: gradients added up, gradients of one input.</summary>
    private const double RepeatTolerance = 1e-5;

    /// <summary>Inputs with more elements are checked at that many of them.</summary>
    private const int Samples = 60;

    /// <summary>Wide against rounding; the five-point difference is exact to its fourth power.</summary>
    private const float Step = 1f / 64;

    /// <summary>Steps for whole networks.</summary>
    private static readonly float[] Steps = [1f / 64, 1f / 256, 1f / 1024];

    /// <summary>Checks the gradients of <paramref name="f"/> with respect to each of the inputs.</summary>
    public static void Of(Tensor[] inputs, Func<Tensor> f) => Of(inputs, [], f);

    /// <summary>The same where some of the inputs are weights, whose packed forms must follow.</summary>
    public static void Of(Tensor[] inputs, Weight[] weights, Func<Tensor> f)
    {
        Tensor[] all = [.. inputs, .. weights.Select(w => w.Value)];
        foreach (Tensor input in all)
            input.Buffer.WantsGradient = true;
        PoisonedPool.Fill();
        foreach (Weight weight in weights)
            weight.Changed();
        float[] factors = [];
        float[][] gradients = Backward(all, f, ref factors, clear: true);

        for (int i = 0; i < all.Length; i++)
        {
            double largest = gradients[i].Max(MathF.Abs);
            Assert.True(largest > 0, $"input {i}: no gradient");
            for (int s = 0; s < Math.Min(Samples, gradients[i].Length); s++)
            {
                int element = (int)((long)s * gradients[i].Length / Math.Min(Samples, gradients[i].Length));
                double expected = Difference(all[i], element, weights, f, factors);
                double error = Math.Abs(expected - gradients[i][element]);
                Assert.True(
                    error <= Tolerance * largest,
                    $"input {i} {all[i]}, element {element}: gradient {gradients[i][element]}, " +
                    $"by differences {expected}, largest {largest}");
            }
        }

        // A second contribution adds to the first one.
        foreach (Weight weight in weights)
            weight.Changed();
        _ = Backward(all, f, ref factors, clear: true, keep: true);
        float[][] twice = Backward(all, f, ref factors, clear: false);
        for (int i = 0; i < all.Length; i++)
            AssertClose([.. gradients[i].Select(g => 2 * g)], twice[i], $"input {i}, added twice");

        // Wanted for one input only, each gradient is the same.
        for (int i = 0; all.Length > 1 && i < all.Length; i++)
        {
            foreach (Tensor input in all)
                input.Buffer.WantsGradient = input == all[i];
            AssertClose(gradients[i], Backward(all, f, ref factors, clear: true)[i], $"input {i} alone");
        }
    }

    /// <summary>
    /// Checks a whole network: each of its tensors is moved along one random direction, so every weight takes part. The
    /// difference must agree to <paramref name="tolerance"/> of the length of that tensor's gradient; where the
    /// gradient is nothing but rounding (a key's bias drops out of the softmax), to a thousandth of that of all
    /// tensors. A step that is wide against rounding may cross kinks and sharp bends: where it disagrees, narrower
    /// ones decide.
    /// </summary>
    public static void AlongDirections(
        IReadOnlyList<(string Name, Weight Weight)> tensors, double tolerance, Func<Tensor> f)
    {
        Tensor[] all = [.. tensors.Select(t => t.Weight.Value)];
        float[] factors = [];
        PoisonedPool.Fill();
        float[][] gradients = Backward(all, f, ref factors, clear: true);
        double[] lengths = [.. gradients.Zip(all, (g, t) => Size(g) * Size(t.Span))];
        double typical = lengths.Average();
        var random = new Random(23);
        for (int i = 0; i < all.Length; i++)
        {
            // Signs times the typical size of the tensor's values.
            (string name, Weight weight) = tensors[i];
            float size = (float)(Size(all[i].Span) / Math.Sqrt(all[i].Count));
            float[] start = all[i].Span.ToArray();
            float[] direction = [.. start.Select(_ => random.Next(2) == 0 ? -size : size)];
            double actual = WeightedSum(gradients[i], direction), scale = Size(gradients[i]) * size;
            double allowed = Math.Max(tolerance * scale, 1e-3 * typical / Math.Sqrt(all[i].Count));
            double[] differences = [.. Steps.Select(h => (8 * (At(h) - At(-h)) - (At(2 * h) - At(-2 * h))) / (12 * h))];
            At(0);
            Assert.True(
                differences.Any(d => Math.Abs(d - actual) <= allowed),
                $"{name}: {actual} along a direction, by differences {string.Join(", ", differences)}, " +
                $"gradient of length {scale}");

            double At(float t)
            {
                for (int j = 0; j < start.Length; j++)
                    all[i].Span[j] = start[j] + t * direction[j];
                weight.Changed();
                using Tape tape = Tape.Record();
                return WeightedSum(f().Span, factors);
            }
        }

        static double Size(ReadOnlySpan<float> values) => Math.Sqrt(WeightedSum(values, values));
    }

    private static unsafe float[][] Backward(
        Tensor[] inputs, Func<Tensor> f, ref float[] factors, bool clear, bool keep = false)
    {
        if (clear)
        {
            foreach (Tensor input in inputs)
                input.Buffer.Gradient = null;
        }

        using Tape tape = Tape.Record();
        Tensor y = f();
        if (factors.Length == 0)
        {
            var random = new Random(17);
            factors = new float[y.Count];
            for (int i = 0; i < factors.Length; i++)
                factors[i] = 2 * random.NextSingle() - 1;
        }

        Assert.True(y.WantsGradient);
        Tape.GradientToAddTo(y);
        factors.CopyTo(y.GradientSpan);
        tape.Backward();
        float[][] gradients = [.. inputs.Select(t => t.GradientSpan.ToArray())];
        if (!keep)
        {
            foreach (Tensor input in inputs)
                input.Buffer.Gradient = null;
        }

        return gradients;
    }

    /// <summary>(8 (f(x + h) - f(x - h)) - (f(x + 2h) - f(x - 2h))) / 12 h</summary>
    private static double Difference(Tensor input, int element, Weight[] weights, Func<Tensor> f, float[] factors)
    {
        float x = input.Span[element];
        double near = At(x + Step) - At(x - Step), far = At(x + 2 * Step) - At(x - 2 * Step);
        input.Span[element] = x;
        return (8 * near - far) / (12 * Step);

        double At(float value)
        {
            input.Span[element] = value;
            foreach (Weight weight in weights)
                weight.Changed();
            using Tape tape = Tape.Record();
            return WeightedSum(f().Span, factors);
        }
    }

    /// <summary>sum y[i] factors[i]</summary>
    public static double WeightedSum(ReadOnlySpan<float> y, ReadOnlySpan<float> factors)
    {
        double sum = 0;
        for (int i = 0; i < y.Length; i++)
            sum += (double)y[i] * factors[i];
        return sum;
    }

    private static void AssertClose(float[] expected, float[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = expected.Max(MathF.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            double error = Math.Abs((double)expected[i] - actual[i]);
            Assert.True(error <= RepeatTolerance * largest, $"{what}: {actual[i]} at {i} instead of {expected[i]}");
        }
    }
}
