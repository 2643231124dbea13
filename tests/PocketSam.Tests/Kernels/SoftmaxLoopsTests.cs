using PocketSam.Kernels.Ops;

namespace PocketSam.Tests.Kernels;

[Trait("Category", "Simd")]
public sealed unsafe class SoftmaxLoopsTests
{
    private const int Rows = 3;

    /// <summary>A few roundings of probabilities, whose exponents were floats up to 30.</summary>
    private const double Tolerance = 4e-6;

    public static TheoryData<int> Lengths => [.. Enumerable.Range(1, 70), 200, 1000];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Forward_gives_probabilities(int length)
    {
        float[] values = Samples.Uniform(Rows * length, 1, 10f), biases = Samples.Uniform(Rows * length, 2, 3f);
        Guarded bias = Guarded.From(biases);
        foreach (float scale in new[] { 1f, 0.25f, 2f })
        {
            foreach (bool biased in new[] { false, true })
            {
                double[] expected = new double[values.Length];
                for (int i = 0; i < expected.Length; i++)
                    expected[i] = (double)values[i] * scale + (biased ? biases[i] : 0);
                for (int r = 0; r < Rows; r++)
                    Reference.Softmax(expected.AsSpan(r * length, length)).CopyTo(expected, r * length);
                Guarded x = Guarded.From(values);
                SoftmaxLoops.Forward(x.Data, Rows, length, scale, biased ? bias.Data : null);
                x.AssertEquals(expected, Tolerance, $"scale {scale}, biased {biased}");
            }
        }
    }

    [Theory]
    [InlineData(1e4f)]
    [InlineData(-1e4f)]
    [InlineData(1e30f)]
    [InlineData(-1e30f)]
    public void Large_values_neither_overflow_nor_vanish(float large)
    {
        for (int length = 1; length <= 70; length++)
        {
            float[] values = new float[length];
            Array.Fill(values, large);
            values[^1] = large > 0 ? -large : 2 * large; // the last has no weight, but where it is alone
            double[] expected = new double[length];
            Array.Fill(expected, 1.0 / Math.Max(1, length - 1));
            expected[^1] = length == 1 ? 1 : 0;
            Guarded x = Guarded.From(values);
            SoftmaxLoops.Forward(x.Data, 1, length, 1f, null);
            x.AssertEquals(expected, Tolerance, $"length {length}");
        }
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Backward_gives_the_gradient_of_the_scores(int length)
    {
        float[] p = Samples.Uniform(Rows * length, 3), dp = Samples.Uniform(Rows * length, 4);
        double[] expected = new double[p.Length];
        for (int r = 0; r < Rows; r++)
        {
            Reference.SoftmaxGradient(
                Reference.ToDouble(p.AsSpan(r * length, length)), Reference.ToDouble(dp.AsSpan(r * length, length)))
                .CopyTo(expected, r * length);
        }

        Guarded weights = Guarded.From(p), gradient = Guarded.From(dp);
        SoftmaxLoops.Backward(weights.Data, gradient.Data, Rows, length);
        gradient.AssertEquals(expected, Tolerance * Math.Sqrt(length), "gradient");
    }
}
