using PocketSam.Models;
using PocketSam.Tensors;
using PocketSam.Training.Distillation;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.Tests.Distillation;

[Trait("Category", "Simd")]
public sealed class PromptLossTests
{
    private const int Prompts = 3, Masks = NaivePromptLoss.Masks, Side = NaivePromptLoss.Side, Cells = Side * Side;
    private const float Scale = 0.3f;

    /// <summary>A box and two clicks.</summary>
    private static readonly bool[] IsClick = [false, true, true];

    private static readonly MaskRegion Landscape = new(Side, 4, Side), Portrait = new(3, Side, Side);

    /// <summary>Each loss alone, then all; the last two flags are hard mask weighting and SAM's focal loss.</summary>
    public static TheoryData<float, float, float, float, bool, bool> Cases => new()
    {
        { 1.3f, 0, 0, 0, false, false },
        { 0, 0.7f, 0, 0, false, false },
        { 0, 0.7f, 0, 0, true, false },
        { 0, 0, 2, 0, false, false },
        { 0, 0, 2, 0, false, true },
        { 0, 0, 0, 1.5f, false, false },
        { 0, 0, 0, 1.5f, false, true },
        { 1, 0.1f, 0.5f, 1, false, false },
        { 1, 0.1f, 0.5f, 1, true, true },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Loss_and_gradient_are_those_of_the_formulas(
        float tokens, float masks, float teacherMasks, float truth, bool hard, bool focal)
    {
        var weights = new DistillationWeights(0, tokens, masks, teacherMasks, truth);
        MaskLossOptions options = focal ? MaskLossOptions.Sam : MaskLossOptions.Default;
        foreach (MaskRegion region in (MaskRegion[])[Landscape, Portrait])
        {
            Answers answers = Answers.Random(seed: 11);
            Found found = Apply(weights, options, hard, answers, region);
            var naive = new NaivePromptLoss(weights, options, hard, answers.Teacher, answers.Truths, IsClick, region);
            double[] values = [.. answers.Student.Select(v => (double)v)];
            naive.Fix(values);

            double expected = naive.Of(values);
            Assert.Equal(expected, found.Losses.Tokens + found.Losses.Masks + found.Losses.TeacherMasks + found.Losses.Truth, 2e-5 * expected);
            double largest = found.Gradient.Max(MathF.Abs);
            for (int i = 0; i < values.Length; i++)
            {
                const double Step = 1e-5;
                double at = values[i];
                values[i] = at + Step;
                double up = naive.Of(values);
                values[i] = at - Step;
                double difference = (up - naive.Of(values)) / (2 * Step);
                values[i] = at;
                Assert.True(
                    Math.Abs(Scale * difference - found.Gradient[i]) <= 2e-5 * largest,
                    $"value {i}: gradient {found.Gradient[i]}, by differences {Scale * difference}, largest {largest}");
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Padding_changes_nothing_and_gets_no_gradient(bool isLandscape)
    {
        MaskRegion region = isLandscape ? Landscape : Portrait;
        var weights = new DistillationWeights(0, 1, 0.1f, 0.5f, 1);
        Answers answers = Answers.Random(seed: 12);
        Found expected = Apply(weights, MaskLossOptions.Default, true, answers, region);
        for (int i = 0; i < Prompts * Masks * Cells; i++)
        {
            if (!Shows(i))
                answers.Student[i] = answers.Teacher.Logits[i] = answers.Truths[i / Cells / Masks][i % Cells] = float.NaN;
        }

        Found found = Apply(weights, MaskLossOptions.Default, true, answers, region);
        Assert.Equal(expected.Gradient, found.Gradient);
        Assert.Equal(
            (expected.Losses.Tokens, expected.Losses.Masks, expected.Losses.TeacherMasks, expected.Losses.Truth),
            (found.Losses.Tokens, found.Losses.Masks, found.Losses.TeacherMasks, found.Losses.Truth));
        Assert.Equal(expected.Losses.TeacherIou, found.Losses.TeacherIou);
        Assert.Equal(expected.Losses.TruthIou, found.Losses.TruthIou);
        for (int i = 0; i < Prompts * Masks * Cells; i++)
            Assert.True(Shows(i) || found.Gradient[i] == 0, $"padding {i} has a gradient");

        bool Shows(int i) => i % Cells / Side < region.Height && i % Side < region.Width;
    }

    [Fact]
    public void Without_a_teacher_there_is_only_the_truth()
    {
        Answers answers = Answers.Random(seed: 13);
        var truthOnly = new DistillationWeights(0, 0, 0, 0, 2);
        Found found = Apply(truthOnly, MaskLossOptions.Default, false, answers with { Teacher = null! }, Landscape);
        Found asked = Apply(truthOnly, MaskLossOptions.Default, false, answers, Landscape);
        Assert.Equal(asked.Losses.Truth, found.Losses.Truth);
        Assert.Equal(asked.Gradient, found.Gradient);
        Assert.Equal(asked.Losses.TruthIou, found.Losses.TruthIou);
        Assert.All(found.Losses.TeacherIou, v => Assert.Equal(float.NaN, v));
        Assert.All(asked.Losses.TeacherIou, v => Assert.InRange(v, 0f, 1f));
    }

    [Fact]
    public void Hard_masks_weigh_more()
    {
        Assert.Equal(0.5f, PromptLoss.HardMaskWeight(0.8f, 0.8f), 0.02f);
        Assert.Equal(0.5f, PromptLoss.HardMaskWeight(0.8f, 0.75f), 1e-6f);
        Assert.InRange(PromptLoss.HardMaskWeight(0.9f, 0f), 0.9999f, 1f);
        Assert.Equal(0.2689f, PromptLoss.HardMaskWeight(0f, 1f), 1e-4f);
        Assert.True(PromptLoss.HardMaskWeight(0.8f, 0.3f) > PromptLoss.HardMaskWeight(0.8f, 0.6f));
    }

    [Fact]
    public void The_predicted_iou_is_pulled_to_the_true_one_by_its_sign()
    {
        using Tape tape = Tape.Record();
        float[] target = [.. Enumerable.Repeat(1f, Cells)], values = [.. Enumerable.Repeat(5f, Masks * Cells)];
        Tensor logits = Tape.Leaf(values, 1, Masks, Cells), iou = Tape.Leaf([0.5f, 1f, 1.5f, 0.9f], 1, Masks);
        MaskLoss.Apply(
            logits, iou, [target], [false], MaskLossOptions.Sam with { AbsoluteIou = true }, scale: 2, MaskRegion.Whole(Side));
        Assert.Equal([-0.5f, 0f, 0.5f, -0.5f], iou.GradientSpan.ToArray());
    }

    private static Found Apply(
        DistillationWeights weights, MaskLossOptions options, bool hard, Answers answers, MaskRegion region)
    {
        using Tape tape = Tape.Record();
        const int Logits = Prompts * Masks * Cells, Ious = Prompts * Masks;
        var student = new DecodedMasks(
            Tape.Leaf(answers.Student.AsSpan(0, Logits), Prompts, Masks, Cells),
            Tape.Leaf(answers.Student.AsSpan(Logits, Ious), Prompts, Masks),
            Tape.Leaf(answers.Student.AsSpan(Logits + Ious), Prompts, NaivePromptLoss.Tokens, NaivePromptLoss.Channels));
        PromptLosses losses = new PromptLoss(weights, options, hard).Apply(
            student, answers.Teacher, answers.Truths, IsClick, region, Scale);
        return new Found(losses, [.. Of(student.Logits), .. Of(student.Iou), .. Of(student.Tokens)]);

        static float[] Of(Tensor tensor) => tensor.GradientSpan.IsEmpty ? new float[tensor.Count] : tensor.GradientSpan.ToArray();
    }

    private sealed record Found(PromptLosses Losses, float[] Gradient);

    /// <param name="Student">Logits, predicted IoUs and tokens, one after the other.</param>
    /// <param name="Teacher">The teacher's answers.</param>
    /// <param name="Truths">For each prompt the covered fraction of each cell.</param>
    private sealed record Answers(float[] Student, TeacherMasks Teacher, float[][] Truths)
    {
        public static Answers Random(int seed)
        {
            var random = new Random(seed);
            const int Logits = Prompts * Masks * Cells, Ious = Prompts * Masks;
            const int Row = NaivePromptLoss.Tokens * NaivePromptLoss.Channels, Kept = (1 + Masks) * NaivePromptLoss.Channels;
            return new Answers(
                [.. Noise(Logits, 3), .. Noise(Ious, 1), .. Noise(Prompts * Row, 1)],
                new TeacherMasks(Noise(Logits, 3), Noise(Ious, 1), Noise(Prompts * Kept, 1)),
                [.. Enumerable.Range(0, Prompts).Select(_ => Noise(Cells, 1).Select(v => (v + 1) / 2).ToArray())]);

            float[] Noise(int count, float size)
                => [.. Enumerable.Range(0, count).Select(_ => size * (2 * random.NextSingle() - 1))];
        }
    }
}
