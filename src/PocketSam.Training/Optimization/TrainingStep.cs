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
    private static readonly float[] Mean = [123.675f, 116.28f, 103.53f];
    private static readonly float[] Deviation = [58.395f, 57.12f, 57.375f];

    /// <summary>Adds the gradients of the mean loss of all prompts and rounds.</summary>
    public StepResult Run(
        IReadOnlyList<TrainingSample> samples, int size, int rounds, MaskLossOptions loss, ulong seed)
    {
        using Tape tape = Tape.Record();
        int side = size / SamConfig.EmbeddingStride, channels = model.Config.PromptEmbedDim;
        Tensor embeddings = model.ImageEncoder.Forward(Pixels(samples, size)).Reshape(1, samples.Count, -1);
        var result = new StepResult();
        int prompts = samples.Sum(s => 2 * s.Targets.Length);
        float scale = 1f / (prompts * (rounds + 1));
        for (int i = 0; i < samples.Count; i++)
        {
            Tensor embedding = embeddings.Slice(i, 1).Reshape(1, side, side, channels);
            Decode(samples[i], embedding, rounds, loss, scale, SampleLoader.Scramble(seed + (ulong)i), result);
        }

        tape.Backward();
        result.Prompts = prompts;
        result.Loss /= prompts * (rounds + 1);
        return result;
    }

    private void Decode(
        TrainingSample sample, Tensor embedding, int rounds, MaskLossOptions options, float scale, ulong seed,
        StepResult result)
    {
        var random = new RandomStream(seed);
        int masks = sample.Targets.Length, prompts = 2 * masks, side = embedding.Shape[1] * 4;
        int cell = SamConfig.MaskStride;
        var tokens = new List<PromptToken>[prompts];
        float[][] targets = new float[prompts][];
        bool[] ambiguous = new bool[prompts];
        for (int m = 0; m < masks; m++)
        {
            (float left, float top, float right, float bottom) = sample.Boxes[m];
            tokens[m] =
            [
                new(left + 0.5f, top + 0.5f, PointLabel.BoxTopLeft),
                new(right + 0.5f, bottom + 0.5f, PointLabel.BoxBottomRight),
            ];
            (int x, int y) = sample.Clicks[m];
            tokens[masks + m] = [new(x + 0.5f, y + 0.5f, PointLabel.Foreground), PromptToken.Padding];
            ambiguous[masks + m] = true;
            targets[m] = targets[masks + m] = sample.Coverage[m];
        }

        Tensor? previous = null;
        for (int round = 0; round <= rounds; round++)
        {
            PromptToken[] flat = [.. tokens.SelectMany(t => t)];
            (Tensor logits, Tensor iou) = model.Decode(embedding, flat, prompts, previous);
            MaskLossResult found = MaskLoss.Apply(logits, iou, targets, ambiguous, options, scale);
            result.Loss += found.Loss.Sum();
            for (int p = 0; p < prompts; p++)
                result.Add(round, isBox: p < masks, last: round == rounds, found.BestIou[p]);
            if (round == rounds)
                break;

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

    /// <summary>SAM's preprocessing: normalised, then zero to the right and below.</summary>
    private static Tensor Pixels(IReadOnlyList<TrainingSample> samples, int size)
    {
        Tensor pixels = Tape.New([samples.Count, size, size, 3]);
        pixels.Span.Clear();
        for (int b = 0; b < samples.Count; b++)
        {
            RgbImage image = samples[b].Image;
            for (int y = 0; y < image.Height; y++)
            {
                Span<float> row = pixels.Span.Slice((b * size + y) * size * 3, image.Width * 3);
                ReadOnlySpan<byte> source = image.Pixels.AsSpan(y * image.Width * 3, image.Width * 3);
                for (int i = 0; i < row.Length; i++)
                    row[i] = (source[i] - Mean[i % 3]) / Deviation[i % 3];
            }
        }

        return pixels;
    }
}

/// <summary>Sums over the prompts of a step.</summary>
internal sealed class StepResult
{
    private double _box, _click, _corrected;
    private int _boxes, _clicks, _corrections;

    public double Loss { get; set; }

    public int Prompts { get; set; }

    public double BoxIou => _box / _boxes;

    public double ClickIou => _click / _clicks;

    public double CorrectedIou => _corrected / _corrections;

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
