using PocketSam.Tensors;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.Tests.Optimization;

[Trait("Category", "Simd")]
public sealed unsafe class MaskLossTests
{
    /// <summary>Float sums over a few dozen pixels against double ones.</summary>
    private const double SumTolerance = 2e-5;

    /// <summary>Central differences of a float loss.</summary>
    private const double GradientTolerance = 2e-3;

    private const int Masks = 4, Cells = 37;

    /// <summary>All cells, as one row.</summary>
    private static readonly MaskRegion Region = new(Cells, 1, Cells);

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(0, 20, 1)]
    [InlineData(0.5f, 3, 0.25f)]
    public void Sums_equal_their_formulas(float crossEntropy, float focal, float dice)
    {
        var random = new Random(3);
        float[] x = [.. Enumerable.Range(0, Cells).Select(_ => (float)(random.NextDouble() * 16 - 8))];
        float[] t = [.. Enumerable.Range(0, Cells).Select(_ => (float)random.NextDouble())];
        MaskSums sums;
        fixed (float* px = x, pt = t)
            sums = MaskLossKernel.Sum(px, pt, Region);
        double expected = Loss(x, t, crossEntropy, focal, dice);
        double actual = crossEntropy * sums.CrossEntropy / Cells + focal * sums.Focal / Cells + dice * sums.Dice;
        Assert.Equal(expected, actual, SumTolerance * Math.Max(1, expected));
        int common = x.Zip(t).Count(p => p.First > 0 && p.Second > 0.5f);
        int either = x.Zip(t).Count(p => p.First > 0 || p.Second > 0.5f);
        Assert.Equal(common / (double)either, sums.Iou, SumTolerance);
    }

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(0, 20, 1)]
    public void The_gradient_is_that_of_the_loss(float crossEntropy, float focal, float dice)
    {
        var random = new Random(4);
        float[] x = [.. Enumerable.Range(0, Cells).Select(_ => (float)(random.NextDouble() * 6 - 3))];
        float[] t = [.. Enumerable.Range(0, Cells).Select(_ => (float)random.NextDouble())];
        float[] gradient = new float[Cells];
        fixed (float* px = x, pt = t, pg = gradient)
        {
            MaskSums s = MaskLossKernel.Sum(px, pt, Region);
            float union = s.Probability + s.Target + 1f;
            MaskLossKernel.Gradient(
                px, pt, pg, Region, crossEntropy / Cells, focal / Cells, dice * (2f * s.Product + 1f) / (union * union),
                dice * 2f / union);
        }

        for (int i = 0; i < Cells; i++)
        {
            const float Step = 1e-3f;
            float[] up = [.. x], down = [.. x];
            up[i] += Step;
            down[i] -= Step;
            double difference = (Loss(up, t, crossEntropy, focal, dice) - Loss(down, t, crossEntropy, focal, dice)) / (2 * Step);
            Assert.Equal(difference, gradient[i], GradientTolerance * Math.Max(0.05, Math.Abs(difference)));
        }
    }

    [Fact]
    public void An_ambiguous_prompt_is_judged_by_its_best_mask_and_the_single_one()
    {
        using Tape tape = Tape.Record();
        float[] target = new float[Cells];
        Array.Fill(target, 1f, 0, Cells / 2);
        float[] values = new float[2 * Masks * Cells];

        // Mask 2 of both prompts is right, all others are empty.
        for (int i = 0; i < values.Length; i++)
            values[i] = i / Cells % Masks == 2 && i % Cells < Cells / 2 ? 4 : -4;
        Tensor logits = Tape.Leaf(values, 2, Masks, Cells);
        Tensor iou = Tape.Leaf([0.1f, 0.2f, 0.3f, 0.9f, 0.1f, 0.2f, 0.3f, 0.9f], 2, Masks);
        MaskLossResult result = MaskLoss.Apply(
            logits, iou, [target, target], [true, false], MaskLossOptions.Default, scale: 1, Region);

        Assert.Equal(1f, result.BestIou[0]);
        Assert.Equal(0f, result.BestIou[1]);
        Assert.Equal([3, 0], result.Chosen);
        Assert.Equal([true, false, true, false], HasGradient(0));
        Assert.Equal([true, false, false, false], HasGradient(1));

        bool[] HasGradient(int prompt)
        {
            float[] gradient = logits.GradientSpan.ToArray();
            return [.. Enumerable.Range(0, Masks).Select(m =>
                gradient.AsSpan((prompt * Masks + m) * Cells, Cells).ContainsAnyExcept(0f))];
        }
    }

    [Fact]
    public void The_predicted_iou_is_pulled_to_the_true_one()
    {
        using Tape tape = Tape.Record();
        float[] target = new float[Cells];
        Array.Fill(target, 1f);
        float[] values = new float[Masks * Cells];
        Array.Fill(values, 5f);
        Tensor logits = Tape.Leaf(values, 1, Masks, Cells), iou = Tape.Leaf([0.5f, 1f, 1.5f, 1f], 1, Masks);
        MaskLoss.Apply(logits, iou, [target], [false], MaskLossOptions.Default, scale: 1, Region);
        Assert.Equal([-0.25f, 0f, 0.25f, 0f], iou.GradientSpan.ToArray());
    }

    private static double Loss(float[] logits, float[] target, double crossEntropy, double focal, double dice)
    {
        double ce = 0, fl = 0, product = 0, ps = 0, ts = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            double p = 1 / (1 + Math.Exp(-logits[i])), t = target[i];
            double c = -t * Math.Log(p) - (1 - t) * Math.Log(1 - p);
            ce += c;
            fl += (0.25 * t + 0.75 * (1 - t)) * (t - p) * (t - p) * c;
            product += p * t;
            ps += p;
            ts += t;
        }

        return crossEntropy * ce / logits.Length + focal * fl / logits.Length
            + dice * (1 - (2 * product + 1) / (ps + ts + 1));
    }
}
