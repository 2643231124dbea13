using System.Numerics.Tensors;
using PocketSam.Tensors;
using Tensor = PocketSam.Tensors.Tensor;

namespace PocketSam.Training.Quantization;

/// <summary>
/// Searches scales as PTQ4ViT and TinySAM do: the one with the least error of 100 candidates between 0.01 and 1.2 of
/// the scale that clips nothing, alternately for weights and inputs, in three rounds (TinySAM, section 4.1). Weights
/// have a scale for each output channel.
/// </summary>
/// <param name="options">Bits, metric, ranges.</param>
internal sealed class ScaleSearch(CalibrationOptions options)
{
    private const int Candidates = 100, Rounds = 3;
    private const float Least = 0.01f, Most = 1.2f;

    /// <summary>Number of powers of two that are tried as the boundary of the two ranges of probabilities.</summary>
    private const int Splits = 20;

    /// <summary>The boundary of the two ranges if nothing is searched.</summary>
    private const float UnsearchedSplit = 1f / 32;

    /// <summary>Least scale, in place of zero if only zeros were seen.</summary>
    private const float SmallestScale = 1e-12f;

    /// <summary>The candidates, widest first, so that of equally good ones the one that clips least wins.</summary>
    private static IEnumerable<float> Shares => Enumerable.Range(1, Candidates).Select(i => Most - i * (Most - Least) / Candidates);

    /// <summary>Finds the ranges of a linear layer or convolution.</summary>
    public ProductRanges Find(ProductSample sample)
    {
        int n = sample.Outputs, k = sample.Inputs;
        bool isTwin = options.TwinRanges && sample.IsAfterGelu;
        float widest = (isTwin ? sample.Greatest : sample.Magnitude) / Quantizer.Levels(options.Bits);
        float negative = Positive(-sample.Least / (1 << (options.Bits - 1)));
        Quantizer input = Input(1);
        float[] shares = [.. Enumerable.Repeat(1f, n)];
        if (options.Metric == RangeMetric.MinMax || sample.Rows.Count == 0)
            return new ProductRanges(input, shares);

        float[] rows = [.. sample.Rows], gradients = [.. sample.Gradients], rounded = new float[rows.Length];
        float[] exact = Product(rows, sample.Weights, n, k);
        float share = 1;
        for (int round = 0; round < Rounds; round++)
        {
            input.Apply(rows, rounded);
            float[] least = [.. Enumerable.Repeat(float.PositiveInfinity, n)], best = [.. shares];
            foreach (float candidate in Shares)
            {
                float[] errors = Errors(
                    exact, Product(rounded, WeightRounding.Round(sample.Weights, [.. Enumerable.Repeat(candidate, n)], options.Bits), n, k), gradients, n);
                for (int i = 0; i < n; i++)
                {
                    if (errors[i] < least[i])
                        (least[i], best[i]) = (errors[i], candidate);
                }
            }

            bool isSame = best.AsSpan().SequenceEqual(shares);
            shares = best;
            float[] weights = WeightRounding.Round(sample.Weights, shares, options.Bits);
            float before = share;
            share = Shares.MinBy(candidate =>
            {
                Input(candidate).Apply(rows, rounded);
                return TensorPrimitives.Sum<float>(Errors(exact, Product(rounded, weights, n, k), gradients, n));
            });
            input = Input(share);
            if (isSame && share == before)
                break;
        }

        return new ProductRanges(input, shares);

        Quantizer Input(float part) => isTwin
            ? new Quantizer.TwinSigns(Positive(widest * part), negative, options.Bits) : new Quantizer.Uniform(Positive(widest * part), options.Bits);
    }

    /// <summary>Finds the ranges of an attention.</summary>
    public AttentionRanges Find(AttentionSample sample)
    {
        float levels = Quantizer.Levels(options.Bits);
        float query = 1, key = 1, value = 1;
        Quantizer probability = new Quantizer.Uniform(1 / levels, options.Bits);
        if (options.Metric == RangeMetric.MinMax)
        {
            return new AttentionRanges(
                Of(sample.Query, 1), Of(sample.Key, 1), options.TwinRanges ? new Quantizer.TwinMagnitudes(UnsearchedSplit, options.Bits) : probability,
                Of(sample.Value, 1));
        }

        HeadErrors[] heads = [.. sample.Heads.Select(head => new HeadErrors(head, options.Metric == RangeMetric.Hessian))];
        for (int round = 0; round < Rounds; round++)
        {
            query = Shares.MinBy(share => heads.Sum(head => head.OfScores(Of(sample.Query, share), Of(sample.Key, key))));
            key = Shares.MinBy(share => heads.Sum(head => head.OfScores(Of(sample.Query, query), Of(sample.Key, share))));
        }

        for (int round = 0; round < Rounds; round++)
        {
            if (options.TwinRanges)
            {
                probability = Enumerable.Range(0, Splits).Select(i => new Quantizer.TwinMagnitudes(MathF.ScaleB(1, -i), options.Bits))
                    .MinBy(twin => heads.Sum(head => head.OfSums(twin, Of(sample.Value, value))))!;
            }
            else
            {
                probability = Shares.Select(share => new Quantizer.Uniform(share / levels, options.Bits))
                    .MinBy(uniform => heads.Sum(head => head.OfSums(uniform, Of(sample.Value, value))))!;
            }

            value = Shares.MinBy(share => heads.Sum(head => head.OfSums(probability, Of(sample.Value, share))));
        }

        return new AttentionRanges(Of(sample.Query, query), Of(sample.Key, key), probability, Of(sample.Value, value));

        Quantizer Of(float magnitude, float share) => new Quantizer.Uniform(Positive(magnitude * share / levels), options.Bits);
    }

    /// <summary>x W^T, [rows, n]</summary>
    private static float[] Product(float[] rows, float[] weights, int n, int k)
    {
        using Tape tape = Tape.Inference();
        Tensor y = Tensor.From(rows, rows.Length / k, k).Linear(new Weight(Tensor.From(weights, n, k)), null);
        return y.Span.ToArray();
    }

    /// <summary>
    /// For each output channel the sum of squared differences, with the Hessian metric multiplied by gradients.
    /// </summary>
    private float[] Errors(float[] exact, float[] found, float[] gradients, int n)
    {
        float[] sums = new float[n];
        float[] difference = new float[n];
        for (int start = 0; start < exact.Length; start += n)
        {
            TensorPrimitives.Subtract(exact.AsSpan(start, n), found.AsSpan(start, n), difference);
            if (options.Metric == RangeMetric.Hessian)
                TensorPrimitives.Multiply(difference, gradients.AsSpan(start, n), difference);
            TensorPrimitives.MultiplyAdd(difference, difference, sums, sums);
        }

        return sums;
    }

    private static float Positive(float scale) => Math.Max(scale, SmallestScale);
}
