using System.Numerics.Tensors;
using PocketSam.Kernels;
using PocketSam.Models;
using PocketSam.Tensors;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.Distillation;

/// <summary>
/// The loss of a student's predictions for prompts: errors of tokens and logits against the teacher's (TinySAM,
/// equations 2 to 4), and losses of its masks against the teacher's and the annotated masks. For a box, the mask for
/// unambiguous prompts is used; for a click, every mask, each against the teacher's mask of the same index.
/// </summary>
internal sealed unsafe class PromptLoss(DistillationWeights weights, MaskLossOptions masks, bool hardMaskWeighting)
{
    /// <summary>The eps of TinySAM's equation 6, whose value is not published.</summary>
    private const float HardMaskEpsilon = 0.05f;

    /// <summary>Computes the losses of all prompts and adds their gradients, times <paramref name="scale"/>.</summary>
    /// <param name="student">The student's predictions, on the recording tape.</param>
    /// <param name="teacher">The teacher's predictions; null if all losses against them have weight 0.</param>
    /// <param name="truths">For each prompt the fraction of each cell that the annotated mask covers, 0 to 1.</param>
    /// <param name="isClick">Whether each prompt is a single click.</param>
    /// <param name="region">The cells within the picture.</param>
    /// <param name="scale">The factor of the gradients.</param>
    public PromptLosses Apply(
        DecodedMasks student, TeacherMasks? teacher, float[][] truths, bool[] isClick, MaskRegion region, float scale)
    {
        int prompts = isClick.Length, count = student.Iou.Shape[1], all = student.Logits.Shape[2];
        var losses = new PromptLosses(prompts);
        if (weights.Truth > 0)
        {
            MaskLossResult found = MaskLoss.Apply(
                student.Logits, student.Iou, truths, isClick, masks with { AbsoluteIou = true }, scale * weights.Truth, region);
            losses.Truth = weights.Truth * found.Loss.Sum();
        }

        if (teacher is null)
        {
            for (int p = 0; p < prompts; p++)
                fixed (float* truth = truths[p])
                    losses.TruthIou[p] = MaskLossKernel.Sum(student.Logits.Data + (nint)p * count * all, truth, region).Iou;
            return losses;
        }

        double[] tokenLosses = new double[prompts], maskLosses = new double[prompts], teacherLosses = new double[prompts];
        float* dLogits = Tape.GradientToAddTo(student.Logits), dIou = Tape.GradientToAddTo(student.Iou);
        float* dTokens = weights.Tokens > 0 ? Tape.GradientToAddTo(student.Tokens) : null;
        Workers.For(prompts, p =>
        {
            if (weights.Tokens > 0)
                tokenLosses[p] = Tokens(p, student.Tokens, teacher.Tokens, count, dTokens, scale);
            int judged = isClick[p] ? count : 1;
            float share = 1f / judged;
            float[] binary = new float[all];
            fixed (float* target = binary, truth = truths[p])
            {
                for (int m = 0; m < judged; m++)
                {
                    nint offset = ((nint)p * count + m) * all;
                    float* logits = student.Logits.Data + offset;
                    ReadOnlySpan<float> wanted = teacher.Logits.AsSpan((int)offset, all);
                    for (int i = 0; i < all; i++)
                        binary[i] = wanted[i] > 0 ? 1f : 0f;
                    MaskSums sums = MaskLossKernel.Sum(logits, target, region);
                    if (m == 0)
                    {
                        losses.TeacherIou[p] = sums.Iou;
                        losses.TruthIou[p] = MaskLossKernel.Sum(logits, truth, region).Iou;
                    }

                    if (weights.TeacherMasks > 0)
                    {
                        float weight = weights.TeacherMasks * share;
                        teacherLosses[p] += weight * MaskLoss.Value(sums, region.Cells, masks);
                        MaskLoss.AddGradient(sums, logits, target, dLogits + offset, region, masks, scale * weight);

                        // The teacher's predicted IoU stands for the IoU of the mask, which is unknown.
                        int at = p * count + m;
                        float error = student.Iou.Data[at] - teacher.Iou[at];
                        teacherLosses[p] += weight * masks.Iou * error * error;
                        if (dIou is not null)
                            dIou[at] += scale * weight * masks.Iou * 2f * error;
                    }

                    if (weights.Masks > 0)
                    {
                        float weight = weights.Masks * share;
                        if (hardMaskWeighting)
                        {
                            fixed (float* w = wanted)
                                weight *= HardMaskWeight(MaskLossKernel.Sum(w, truth, region).Iou, MaskLossKernel.Sum(logits, truth, region).Iou);
                        }

                        maskLosses[p] += Distance(logits, wanted, dLogits + offset, region, weight, scale);
                    }
                }
            }
        });
        losses.Tokens = tokenLosses.Sum();
        losses.Masks = maskLosses.Sum();
        losses.TeacherMasks = teacherLosses.Sum();
        return losses;
    }

    /// <summary>
    /// sigmoid(teacher / (student + eps) - 1): the weight is higher for masks that the student predicts worse than the
    /// teacher.
    /// </summary>
    public static float HardMaskWeight(float teacherIou, float studentIou)
        => 1f / (1f + MathF.Exp(1f - teacherIou / (studentIou + HardMaskEpsilon)));

    private double Tokens(int p, PocketSam.Tensors.Tensor student, float[] teacher, int masks, float* gradient, float scale)
    {
        int row = student.Shape[1] * student.Channels, kept = (1 + masks) * student.Channels;
        float* values = student.Data + (nint)p * row;
        float g = scale * weights.Tokens / kept;
        double sum = 0;
        for (int i = 0; i < kept; i++)
        {
            float d = values[i] - teacher[p * kept + i];
            sum += Math.Abs(d);
            gradient[(nint)p * row + i] += d > 0 ? g : d < 0 ? -g : 0;
        }

        return weights.Tokens * sum / kept;
    }

    /// <summary>Mean absolute error of logits within the region, times the weight.</summary>
    private static double Distance(
        float* student, ReadOnlySpan<float> teacher, float* gradient, MaskRegion region, float weight, float scale)
    {
        (int count, int length) = region.Stretches;
        float g = scale * weight / region.Cells;
        double sum = 0;
        float[] difference = new float[length];
        for (int i = 0; i < count; i++)
        {
            float* values = student + i * region.Side, into = gradient + i * region.Side;
            TensorPrimitives.Subtract(new ReadOnlySpan<float>(values, length), teacher.Slice(i * region.Side, length), difference);
            sum += TensorPrimitives.SumOfMagnitudes<float>(difference);
            for (int j = 0; j < length; j++)
                into[j] += difference[j] > 0 ? g : difference[j] < 0 ? -g : 0;
        }

        return weight * sum / region.Cells;
    }
}

/// <summary>Losses of a batch of prompts, summed over the prompts, including their weights.</summary>
internal sealed class PromptLosses(int prompts)
{
    public double Tokens { get; set; }

    public double Masks { get; set; }

    public double TeacherMasks { get; set; }

    public double Truth { get; set; }

    /// <summary>IoU of each prompt's single mask with the teacher's; NaN without a teacher.</summary>
    public float[] TeacherIou { get; } = [.. Enumerable.Repeat(float.NaN, prompts)];

    /// <summary>IoU of each prompt's single mask with the annotated one.</summary>
    public float[] TruthIou { get; } = new float[prompts];
}
