using PocketSam.Tensors;
using PocketSam.Training.Distillation;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.Tests.Distillation;

[Trait("Category", "Simd")]
public sealed unsafe class EmbeddingLossTests
{
    private const int Side = 4, Channels = 5, Row = Side * Channels, Count = Side * Row;
    private const float Weight = 1.7f;

    /// <summary>A landscape and a portrait.</summary>
    private static readonly MaskRegion[] Regions = [new(4, 3, Side), new(2, 4, Side)];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Loss_and_gradient_are_those_of_the_formula(bool squared)
    {
        float[] student = Noise(1), gradient;
        float[][] teacher = [Noise(2)[..Count], Noise(3)[..Count]];
        double loss = Apply(student, teacher, squared, out gradient);

        Assert.Equal(Naive(student, teacher, squared), loss, 1e-6);
        for (int i = 0; i < student.Length; i++)
        {
            const float Step = 1f / 1024;
            float[] up = [.. student], down = [.. student];
            up[i] += Step;
            down[i] -= Step;
            double expected = Weight * (Naive(up, teacher, squared) - Naive(down, teacher, squared)) / (up[i] - (double)down[i]);
            Assert.Equal(expected, gradient[i], 1e-6);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Padding_changes_nothing_and_gets_no_gradient(bool squared)
    {
        float[] student = Noise(1);
        float[][] teacher = [Noise(2)[..Count], Noise(3)[..Count]];
        double expected = Apply(student, teacher, squared, out float[] expectedGradient);
        for (int i = 0; i < student.Length; i++)
        {
            if (!Shows(i))
                student[i] = teacher[i / Count][i % Count] = float.NaN;
        }

        Assert.Equal(expected, Apply(student, teacher, squared, out float[] gradient));
        Assert.Equal(expectedGradient, gradient);
        for (int i = 0; i < gradient.Length; i++)
            Assert.Equal(Shows(i), gradient[i] != 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_not_finite_shows_in_loss_and_gradient(bool squared)
    {
        float[] student = Noise(1);
        student[0] = float.NaN;
        Assert.True(double.IsNaN(Apply(student, [Noise(2)[..Count], Noise(3)[..Count]], squared, out float[] gradient)));
        Assert.True(float.IsNaN(gradient[0]));
    }

    private static bool Shows(int i)
    {
        MaskRegion region = Regions[i / Count];
        return i % Count / Row < region.Height && i % Row / Channels < region.Width;
    }

    private static double Apply(float[] student, float[][] teacher, bool squared, out float[] gradient)
    {
        using Tape tape = Tape.Record();
        gradient = new float[student.Length];
        fixed (float* g = gradient)
        {
            return EmbeddingLoss.Apply(
                Tape.Leaf(student, 2, Side, Side, Channels), teacher, Regions, 2, squared, Weight, g);
        }
    }

    private static double Naive(float[] student, float[][] teacher, bool squared)
    {
        double[] sums = new double[2];
        for (int i = 0; i < student.Length; i++)
        {
            double d = (double)student[i] - teacher[i / Count][i % Count];
            if (Shows(i))
                sums[i / Count] += squared ? d * d : Math.Abs(d);
        }

        return (sums[0] / (12 * Channels) + sums[1] / (8 * Channels)) / 2;
    }

    private static float[] Noise(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 2 * Count).Select(_ => 2 * random.NextSingle() - 1)];
    }
}
