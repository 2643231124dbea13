using PocketSam.Models;
using PocketSam.Segmentation;
using PocketSam.Tensors;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Optimization;

/// <summary>
/// Forward and backward pass of one batch. The pictures are encoded together; their prompts are decoded picture by
/// picture, first boxes and clicks, then rounds of correction (SAM, appendix A).
/// </summary>
internal sealed class MaskBatch(SamModel model, ITrainingRanks? ranks = null, GradientBuckets? buckets = null)
{
    /// <summary>Adds the gradients of the mean loss over all prompts and rounds of the whole batch.</summary>
    /// <param name="samples">The batch, or this process's part of it.</param>
    /// <param name="size">Side of the input, in pixels.</param>
    /// <param name="rounds">Number of rounds of correction.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="seed">The seed of the corrections.</param>
    /// <param name="first">Index of the first sample in the batch.</param>
    /// <returns>The result of the whole batch.</returns>
    public unsafe MaskResult Run(
        IReadOnlyList<TrainingSample> samples, int size, int rounds, MaskLossOptions loss, ulong seed, int first = 0)
    {
        using Tape tape = Tape.Record(sum: ranks is null ? null : ranks.Sum, watcher: buckets);
        Tensor embeddings = model.ImageEncoder.Forward(
            ImagePreparation.Normalize([.. samples.Select(s => s.Image)], size, model.Config.Encoder));
        int prompts = samples.Sum(s => 2 * s.Coverage.Length);
        if (ranks is not null)
        {
            double[] all = [prompts];
            ranks.Sum(all);
            prompts = (int)all[0];
        }

        float scale = 1f / (prompts * (rounds + 1));
        float* gradient = Tape.GradientOf(embeddings, out _);

        MaskResult[] results = PictureByPicture.Run(embeddings, gradient, (i, embedding) => Decode(
            samples[i], embedding, rounds, loss, scale, RandomStream.Scramble(seed + (ulong)(first + i))));
        tape.Backward();
        buckets?.Complete();
        MaskResult own = MaskResult.Total(results, prompts, rounds);
        if (ranks is null)
            return own;

        // The number of prompts is that of all ranks.
        double[] sums = own.ToSums();
        ranks.Sum(sums);
        sums[1] = prompts;
        return MaskResult.From(sums);
    }

    private MaskResult Decode(
        TrainingSample sample, Tensor embedding, int rounds, MaskLossOptions loss, float scale, ulong seed)
    {
        var result = new MaskResult();
        var random = new RandomStream(seed);
        int masks = sample.Coverage.Length, prompts = 2 * masks, cell = SamConfig.MaskStride;
        int side = embedding.Shape[1] * SamConfig.EmbeddingStride / cell;
        List<PromptToken>[] tokens = sample.Prompts();
        float[][] targets = [.. sample.Coverage, .. sample.Coverage];
        bool[] ambiguous = [.. Enumerable.Range(0, prompts).Select(p => p >= masks)];

        Tensor? previous = null;
        for (int round = 0; ; round++)
        {
            PromptToken[] flat = [.. tokens.SelectMany(t => t)];
            (Tensor logits, Tensor iou) = model.Decode(embedding, flat, prompts, previous);
            MaskLossResult found = MaskLoss.Apply(
                logits, iou, targets, ambiguous, loss, scale, MaskRegion.Whole(side));
            result.Loss += found.Loss.Sum();
            for (int p = 0; p < prompts; p++)
                result.Add(round, isBox: p < masks, last: round == rounds, found.BestIou[p]);
            if (round == rounds)
                return result;

            // The mask that the model would choose is fed back as a prompt, with a click on an error.
            previous = Tape.New([prompts, side, side, 1]);
            int cells = side * side, all = logits.Shape[1];
            for (int p = 0; p < prompts; p++)
            {
                Span<float> mask = previous.Span.Slice(p * cells, cells);
                logits.Span.Slice((p * all + found.Chosen[p]) * cells, cells).CopyTo(mask);
                tokens[p].Insert(0, Correction(mask, targets[p], side, cell, random));
                ambiguous[p] = false;
            }
        }
    }

    /// <summary>
    /// A click on a random cell where mask and target differ; if there is none, on a random covered cell.
    /// </summary>
    private static PromptToken Correction(
        ReadOnlySpan<float> logits, float[] target, int side, int cell, RandomStream random)
    {
        int errors = 0, covered = 0;
        for (int i = 0; i < target.Length; i++)
        {
            if (logits[i] > 0 != target[i] > 0.5f)
                errors++;
            if (target[i] > 0.5f)
                covered++;
        }

        int count = errors > 0 ? errors : covered;
        if (count == 0)
            return PromptToken.Padding;
        int left = random.Below(count);
        for (int i = 0; i < target.Length; i++)
        {
            bool wanted = target[i] > 0.5f;
            if ((errors > 0 ? logits[i] > 0 != wanted : wanted) && left-- == 0)
            {
                return new PromptToken(
                    (i % side + 0.5f) * cell, (i / side + 0.5f) * cell,
                    wanted ? PointLabel.Foreground : PointLabel.Background);
            }
        }

        return PromptToken.Padding;
    }
}
