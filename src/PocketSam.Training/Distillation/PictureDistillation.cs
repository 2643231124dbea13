using PocketSam.Models;
using PocketSam.Tensors;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.Distillation;

/// <summary>The prompts of one picture: asked of student and teacher, chosen anew by what the student gets wrong.</summary>
/// <param name="student">Who learns.</param>
/// <param name="teacher">Who knows.</param>
/// <param name="options">How prompts are chosen.</param>
/// <param name="loss">What the student is told.</param>
/// <param name="asksTeacher">Whether the teacher's decoder is needed.</param>
/// <param name="rounds">Rounds of further prompts.</param>
/// <param name="scale">Of all gradients.</param>
internal sealed class PictureDistillation(
    SamModel student, SamModel teacher, DistillationOptions options, PromptLoss loss, bool asksTeacher, int rounds,
    float scale)
{
    /// <summary>Cells that must disagree before a point is worth it; with fewer the prompt gets a point without meaning.</summary>
    private const int FewestCells = 10;

    /// <summary>Records the losses of the picture's prompts and their gradients.</summary>
    public PictureLosses Run(TrainingSample sample, int size, Tensor embedding, float[]? teacherEmbedding, ulong seed)
    {
        var result = new PictureLosses();
        int masks = sample.Coverage.Length, prompts = 2 * masks;
        if (masks == 0)
            return result;
        var random = new RandomStream(seed);
        MaskRegion region = MaskRegion.Of(sample.Image, size, SamConfig.MaskStride);
        List<PromptToken>[] tokens = sample.Prompts();
        float[][] truths = [.. sample.Coverage, .. sample.Coverage];
        bool[] isClick = [.. Enumerable.Range(0, prompts).Select(p => p >= masks)];
        if (options.Sampling == PromptSampling.Hard)
        {
            for (int round = 0; round < rounds; round++)
            {
                using Tape tape = Tape.Inference();
                DecodedMasks found = student.Decode(embedding, [.. tokens[masks..].SelectMany(t => t)], masks, null);
                MoveClicks(tokens.AsSpan(masks), found, sample.Coverage, region, random);
            }
        }

        for (int round = 0; ; round++)
        {
            PromptToken[] flat = [.. tokens.SelectMany(t => t)];
            TeacherMasks? wanted = asksTeacher ? AskTeacher(teacherEmbedding!, flat, prompts, region.Side, size) : null;
            DecodedMasks found = student.Decode(embedding, flat, prompts, null);
            PromptLosses losses = loss.Apply(found, wanted, truths, isClick, region, scale);
            result.Add(losses, masks, isFirst: round == 0);
            if (options.Sampling != PromptSampling.Disagreement || round == rounds)
                return result;
            for (int p = 0; p < prompts; p++)
            {
                tokens[p].Insert(0, Disagreement(found, wanted, truths[p], p, isClick[p], region, random));
                isClick[p] = false;
            }
        }
    }

    /// <summary>The teacher's answers; its input may be of another size.</summary>
    private TeacherMasks AskTeacher(float[] embedding, PromptToken[] tokens, int prompts, int side, int size)
    {
        int teacherSize = options.TeacherSize ?? teacher.Config.ImageSize;
        if (teacherSize != size)
        {
            float ratio = (float)teacherSize / size;
            tokens = [.. tokens.Select(t => t with { X = t.X * ratio, Y = t.Y * ratio })];
        }

        return TeacherMasks.Ask(teacher, embedding, tokens, prompts, side);
    }

    /// <summary>Each click goes to a pixel of the marked mask that the student's mask does not have; where it has all, it stays.</summary>
    internal static void MoveClicks(
        ReadOnlySpan<List<PromptToken>> clicks, DecodedMasks found, IReadOnlyList<float[]> truths, MaskRegion region,
        RandomStream random)
    {
        int count = found.Iou.Shape[1], all = found.Logits.Shape[2];
        for (int m = 0; m < clicks.Length; m++)
        {
            ReadOnlySpan<float> ious = found.Iou.Span.Slice(m * count, count);
            int best = 1 + System.Numerics.Tensors.TensorPrimitives.IndexOfMax(ious[1..]);
            int place = (m * count + best) * all;
            float[] truth = truths[m];
            if (RandomCell(found.Logits.Span.Slice(place, all), region, random, (logit, i) => truth[i] > 0.5f && logit <= 0) is { } cell)
                clicks[m][0] = PointAt(cell, region, PointLabel.Foreground);
        }
    }

    /// <summary>
    /// A point where the student's mask and the teacher's differ: foreground where the student lacks, background where it
    /// has too much. Of a click's masks the one that the teacher likes best. Without teacher the marked mask takes its place.
    /// </summary>
    internal static PromptToken Disagreement(
        DecodedMasks student, TeacherMasks? teacher, float[] truth, int p, bool isClick, MaskRegion region, RandomStream random)
    {
        int count = student.Iou.Shape[1], all = student.Logits.Shape[2], mask = 0;
        if (isClick)
        {
            ReadOnlySpan<float> ious = teacher is null ? student.Iou.Span : teacher.Iou;
            mask = 1 + System.Numerics.Tensors.TensorPrimitives.IndexOfMax(ious.Slice(p * count + 1, count - 1));
        }

        int place = (p * count + mask) * all;
        Func<int, bool> wanted = teacher is null ? i => truth[i] > 0.5f : i => teacher.Logits[place + i] > 0;
        return RandomCell(student.Logits.Span.Slice(place, all), region, random, (logit, i) => logit > 0 != wanted(i), FewestCells) is { } cell
            ? PointAt(cell, region, wanted(cell) ? PointLabel.Foreground : PointLabel.Background)
            : PromptToken.Padding;
    }

    private static int? RandomCell(
        ReadOnlySpan<float> logits, MaskRegion region, RandomStream random, Func<float, int, bool> counts, int fewest = 1)
    {
        int found = 0;
        for (int y = 0; y < region.Height; y++)
            for (int i = y * region.Side; i < y * region.Side + region.Width; i++)
                if (counts(logits[i], i))
                    found++;
        if (found < fewest)
            return null;
        int left = random.Below(found);
        for (int y = 0; y < region.Height; y++)
            for (int i = y * region.Side; i < y * region.Side + region.Width; i++)
                if (counts(logits[i], i) && left-- == 0)
                    return i;
        return null;
    }

    private static PromptToken PointAt(int cell, MaskRegion region, PointLabel label) => new(
        (cell % region.Side + 0.5f) * SamConfig.MaskStride, (cell / region.Side + 0.5f) * SamConfig.MaskStride, label);
}
