using PocketSam.Models;
using PocketSam.Tensors;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Effects;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.Distillation;

/// <summary>
/// The prompts of one picture: student and teacher decode them, and further prompts follow from the student's errors.
/// </summary>
/// <param name="student">The model that is trained.</param>
/// <param name="teacher">The model that it learns from.</param>
/// <param name="options">The options of the prompts.</param>
/// <param name="loss">The loss of a round.</param>
/// <param name="usesTeacher">Whether the teacher's mask decoder runs.</param>
/// <param name="rounds">Number of rounds of further prompts.</param>
/// <param name="scale">The factor of all gradients.</param>
internal sealed class PictureDistillation(
    SamModel student, SamModel teacher, DistillationOptions options, PromptLoss loss, bool usesTeacher, int rounds,
    float scale)
{
    /// <summary>
    /// The fewest differing cells that give a point prompt; with fewer, the prompt gets a padding token.
    /// </summary>
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
            TeacherMasks? wanted = usesTeacher ? PredictTeacher(teacherEmbedding!, flat, prompts, region.Side, size) : null;
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

    /// <summary>The teacher's predictions, whose input may have another size.</summary>
    private TeacherMasks PredictTeacher(float[] embedding, PromptToken[] tokens, int prompts, int side, int size)
    {
        int teacherSize = options.TeacherSize ?? teacher.Config.ImageSize;
        if (teacherSize != size)
        {
            float ratio = (float)teacherSize / size;
            tokens = [.. tokens.Select(t => t with { X = t.X * ratio, Y = t.Y * ratio })];
        }

        return TeacherMasks.Predict(teacher, embedding, tokens, prompts, side);
    }

    /// <summary>
    /// Moves each click to a random pixel of the annotated mask that the student's mask misses; it stays if there is
    /// none.
    /// </summary>
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
    /// A point where the masks of student and teacher differ: foreground where the student's mask misses a pixel,
    /// background where it has a superfluous one. For a click, it is the mask with the teacher's highest predicted IoU.
    /// Without a teacher, the annotated mask is used instead of the teacher's.
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
