using PocketSam.Models;
using PocketSam.Segmentation;
using PocketSam.Tensors;
using PocketSam.Training.Data;
using PocketSam.Training.Data.Effects;

namespace PocketSam.Training.Optimization;

/// <summary>
/// Forward and backward of one batch: the pictures are encoded together, their prompts decoded picture by picture, first
/// by box and by click, then in rounds of correction (SAM, appendix A).
/// </summary>
internal sealed class TrainingStep(SamModel model)
{
    /// <summary>Adds the gradients of the mean loss of all prompts and rounds.</summary>
    public unsafe StepResult Run(
        IReadOnlyList<TrainingSample> samples, int size, int rounds, MaskLossOptions loss, ulong seed)
    {
        using Tape tape = Tape.Record();
        Tensor embeddings = model.ImageEncoder.Forward(
            ImagePreparation.Normalize([.. samples.Select(s => s.Image)], size, model.Config.Encoder));
        int prompts = samples.Sum(s => 2 * s.Coverage.Length);
        float scale = 1f / (prompts * (rounds + 1));
        float* gradient = Tape.GradientOf(embeddings, out _);

        StepResult[] results = PictureByPicture.Run(embeddings, gradient, (i, embedding) => Decode(
            samples[i], embedding, rounds, loss, scale, RandomStream.Scramble(seed + (ulong)i)));
        tape.Backward();
        return StepResult.Total(results, prompts, rounds);
    }

    private StepResult Decode(
        TrainingSample sample, Tensor embedding, int rounds, MaskLossOptions options, float scale, ulong seed)
    {
        var result = new StepResult();
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
                logits, iou, targets, ambiguous, options, scale, MaskRegion.Whole(side));
            result.Loss += found.Loss.Sum();
            for (int p = 0; p < prompts; p++)
                result.Add(round, isBox: p < masks, last: round == rounds, found.BestIou[p]);
            if (round == rounds)
                return result;

            // The mask the model would give goes back in as a prompt, with a click where it is wrong.
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

    /// <summary>A click on a random cell where mask and target differ; where none does, on a random covered cell.</summary>
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

/// <summary>Sums over the prompts of a step.</summary>
internal sealed class StepResult
{
    private double _box, _click, _corrected;
    private int _boxes, _clicks, _corrections;

    public double Loss { get; set; }

    public int Prompts { get; private set; }

    public double BoxIou => _box / _boxes;

    public double ClickIou => _click / _clicks;

    public double CorrectedIou => _corrected / _corrections;

    /// <summary>The results of all pictures together, with the mean loss.</summary>
    public static StepResult Total(IReadOnlyList<StepResult> results, int prompts, int rounds) => new()
    {
        Loss = results.Sum(r => r.Loss) / (prompts * (rounds + 1)),
        Prompts = prompts,
        _box = results.Sum(r => r._box),
        _boxes = results.Sum(r => r._boxes),
        _click = results.Sum(r => r._click),
        _clicks = results.Sum(r => r._clicks),
        _corrected = results.Sum(r => r._corrected),
        _corrections = results.Sum(r => r._corrections),
    };

    public void Add(int round, bool isBox, bool last, double iou)
    {
        if (round > 0)
        {
            if (last)
            {
                _corrected += iou;
                _corrections++;
            }
        }
        else if (isBox)
        {
            _box += iou;
            _boxes++;
        }
        else
        {
            _click += iou;
            _clicks++;
        }
    }
}
