using PocketSam.Kernels;
using PocketSam.Tensors;

namespace PocketSam.Training.Optimization;

/// <summary>
/// SAM's loss of masks and predicted IoU (SAM, appendix A). For an ambiguous prompt, a single click, the loss is that
/// of the best of three masks; for others, that of the mask for unambiguous prompts. The latter mask is also trained on
/// single clicks, with half the weight, or with full weight if it is the mask that users are shown first.
/// </summary>
internal static unsafe class MaskLoss
{
    /// <summary>Weight of the mask for unambiguous prompts under an ambiguous prompt.</summary>
    private const float SingleMaskShare = 0.5f;

    /// <summary>
    /// Computes the loss of all prompts and adds its gradient, times <paramref name="scale"/>, to the gradients of
    /// logits [P, masks, cells] and iou [P, masks]. Targets are the fraction of each cell that is covered, for each
    /// prompt; ambiguous prompts are single clicks. Only cells within <paramref name="region"/> count.
    /// </summary>
    public static MaskLossResult Apply(
        Tensor logits, Tensor iou, float[][] targets, bool[] ambiguous, MaskLossOptions options, float scale,
        MaskRegion region)
    {
        int prompts = logits.Shape[0], masks = logits.Shape[1], all = logits.Shape[2], cells = region.Cells;
        float* dLogits = Tape.GradientToAddTo(logits), dIou = Tape.GradientToAddTo(iou);
        float[] loss = new float[prompts], best = new float[prompts];
        int[] chosen = new int[prompts];
        Workers.For(prompts, p =>
        {
            fixed (float* pinned = targets[p])
            {
                float* target = pinned;
                Span<MaskSums> sums = stackalloc MaskSums[masks];
                int winner = 0;
                float lowest = float.MaxValue;
                for (int m = 0; m < masks; m++)
                {
                    sums[m] = MaskLossKernel.Sum(logits.Data + ((nint)p * masks + m) * all, target, region);
                    float value = Value(sums[m], cells, options);
                    if (m > 0 && ambiguous[p] && value < lowest)
                        (winner, lowest) = (m, value);

                    // Every predicted IoU is compared with the IoU of its mask.
                    float error = iou.Data[p * masks + m] - sums[m].Iou;
                    loss[p] += options.Iou * (options.AbsoluteIou ? MathF.Abs(error) : error * error) / masks;
                    dIou[p * masks + m]
                        += scale * options.Iou * (options.AbsoluteIou ? (error > 0 ? 1f : error < 0 ? -1f : error) : 2f * error) / masks;
                }

                Add(0, ambiguous[p] && !options.SingleMaskFirst ? SingleMaskShare : 1f, sums);
                if (winner > 0)
                    Add(winner, 1f, sums);
                best[p] = sums[winner].Iou;
                chosen[p] = ambiguous[p] && !options.SingleMaskFirst ? Predicted(p) : 0;

                void Add(int m, float weight, ReadOnlySpan<MaskSums> found)
                {
                    nint offset = ((nint)p * masks + m) * all;
                    loss[p] += weight * Value(found[m], cells, options);
                    AddGradient(found[m], logits.Data + offset, target, dLogits + offset, region, options, scale * weight);
                }
            }
        });
        return new MaskLossResult(loss, best, chosen);

        int Predicted(int p)
        {
            int m = 1;
            for (int i = 2; i < masks; i++)
            {
                if (iou.Data[p * masks + i] > iou.Data[p * masks + m])
                    m = i;
            }

            return m;
        }
    }

    /// <summary>The loss of one mask, without that of its predicted IoU.</summary>
    public static float Value(in MaskSums s, int cells, MaskLossOptions o)
        => o.CrossEntropy * s.CrossEntropy / cells + o.Focal * s.Focal / cells + o.Dice * s.Dice;

    /// <summary>
    /// Adds the gradient of <see cref="Value"/>, times <paramref name="weight"/>, to the gradient of the logits.
    /// </summary>
    public static void AddGradient(
        in MaskSums s, float* logits, float* target, float* gradient, in MaskRegion region, MaskLossOptions o, float weight)
    {
        // d dice / dp = (2 sum p t + 1) / union^2 - 2 t / union
        float union = s.Probability + s.Target + 1f;
        MaskLossKernel.Gradient(
            logits, target, gradient, region, weight * o.CrossEntropy / region.Cells, weight * o.Focal / region.Cells,
            weight * o.Dice * (2f * s.Product + 1f) / (union * union), weight * o.Dice * 2f / union);
    }
}

/// <summary>The result of the loss.</summary>
/// <param name="Loss">The loss of each prompt.</param>
/// <param name="BestIou">The IoU of the mask that each prompt's loss uses.</param>
/// <param name="Chosen">Index of the mask that the model would choose for each prompt; 0 is the mask for unambiguous prompts.</param>
internal sealed record MaskLossResult(float[] Loss, float[] BestIou, int[] Chosen);
