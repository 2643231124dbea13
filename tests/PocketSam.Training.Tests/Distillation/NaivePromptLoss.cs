using PocketSam.Training.Distillation;
using PocketSam.Training.Optimization;

namespace PocketSam.Training.Tests.Distillation;

/// <summary>
/// The losses of prompts by their formulas, in double precision. What has no gradient by definition (IoUs of masks that are
/// cut, which of a click's masks is the best) is computed once by <see cref="Fix"/>.
/// </summary>
internal sealed class NaivePromptLoss(
    DistillationWeights weights, MaskLossOptions options, bool hard, TeacherMasks teacher, float[][] truths, bool[] isClick,
    MaskRegion region)
{
    public const int Masks = 4, Side = 6, Channels = 5, Tokens = 1 + Masks + 2;

    private const int Cells = Side * Side;

    private readonly int[] _shown = [.. Enumerable.Range(0, Cells).Where(i => i / Side < region.Height && i % Side < region.Width)];
    private readonly double[] _iou = new double[isClick.Length * Masks], _hardness = new double[isClick.Length * Masks];
    private readonly int[] _best = new int[isClick.Length];

    /// <summary>Takes the IoUs, the weights of hard masks and the best masks at some values.</summary>
    public void Fix(double[] values)
    {
        for (int i = 0; i < _iou.Length; i++)
        {
            int p = i / Masks, at = i;
            Func<int, bool> truth = c => truths[p][c] > 0.5f;
            _iou[i] = Iou(c => values[at * Cells + c] > 0, truth);
            double taught = Iou(c => teacher.Logits[at * Cells + c] > 0, truth);
            _hardness[i] = hard ? 1 / (1 + Math.Exp(-(taught / (_iou[i] + 0.05) - 1))) : 1;
        }

        for (int p = 0; p < _best.Length; p++)
            _best[p] = isClick[p] ? Enumerable.Range(1, Masks - 1).MinBy(m => Mask(values, p, m, c => truths[p][c])) : 0;
    }

    /// <summary>The sum of all losses.</summary>
    public double Of(double[] values) => Enumerable.Range(0, isClick.Length).Sum(p => Prompt(values, p));

    private double Prompt(double[] values, int p)
    {
        int ious = isClick.Length * Masks * Cells, tokens = ious + isClick.Length * Masks, kept = (1 + Masks) * Channels;
        double sum = 0;
        for (int i = 0; i < kept; i++)
            sum += weights.Tokens * Math.Abs(values[tokens + p * Tokens * Channels + i] - teacher.Tokens[p * kept + i]) / kept;

        int judged = isClick[p] ? Masks : 1;
        for (int m = 0; m < judged; m++)
        {
            int i = p * Masks + m;
            double distance = _shown.Average(c => Math.Abs(values[i * Cells + c] - teacher.Logits[i * Cells + c]));
            sum += weights.Masks / judged * _hardness[i] * distance;
            double error = values[ious + i] - teacher.Iou[i];
            sum += weights.TeacherMasks / judged
                * (Mask(values, p, m, c => teacher.Logits[i * Cells + c] > 0 ? 1 : 0) + options.Iou * error * error);
        }

        double truth = Mask(values, p, 0, c => truths[p][c]) * (isClick[p] ? 0.5 : 1);
        if (_best[p] > 0)
            truth += Mask(values, p, _best[p], c => truths[p][c]);
        for (int m = 0; m < Masks; m++)
            truth += options.Iou * Math.Abs(values[ious + p * Masks + m] - _iou[p * Masks + m]) / Masks;
        return sum + weights.Truth * truth;
    }

    private double Mask(double[] values, int prompt, int mask, Func<int, double> target)
    {
        double ce = 0, focal = 0, product = 0, ps = 0, ts = 0;
        foreach (int c in _shown)
        {
            double p = 1 / (1 + Math.Exp(-values[(prompt * Masks + mask) * Cells + c])), t = target(c);
            double cross = -t * Math.Log(p) - (1 - t) * Math.Log(1 - p);
            ce += cross;
            focal += (0.25 * t + 0.75 * (1 - t)) * (t - p) * (t - p) * cross;
            product += p * t;
            ps += p;
            ts += t;
        }

        return (options.CrossEntropy * ce + options.Focal * focal) / _shown.Length
            + options.Dice * (1 - (2 * product + 1) / (ps + ts + 1));
    }

    private double Iou(Func<int, bool> one, Func<int, bool> other)
        => _shown.Count(c => one(c) && other(c)) / (double)Math.Max(1, _shown.Count(c => one(c) || other(c)));
}
