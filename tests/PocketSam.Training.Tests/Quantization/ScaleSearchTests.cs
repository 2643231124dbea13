using PocketSam.Training.Quantization;

namespace PocketSam.Training.Tests.Quantization;

public sealed class ScaleSearchTests
{
    private const int Rows = 40, Inputs = 12, Outputs = 3;

    [Fact]
    public void Nothing_is_searched_for_the_largest_magnitude()
    {
        ProductSample sample = Sample(_ => 1);
        ProductRanges ranges = new ScaleSearch(new CalibrationOptions { Metric = RangeMetric.MinMax, Bits = 4 }).Find(sample);
        Assert.Equal(new Quantizer.Uniform(sample.Magnitude / 7.5f, 4), ranges.Input);
        Assert.All(ranges.WeightShares, share => Assert.Equal(1, share));
    }

    /// <summary>Each metric has less of its own error than any other choice has.</summary>
    [Theory]
    [InlineData(RangeMetric.MeanSquaredError)]
    [InlineData(RangeMetric.Hessian)]
    public void What_is_found_is_better_than_the_largest_magnitude(RangeMetric metric)
    {
        ProductSample sample = Sample(row => row == 0 ? 0.01f : 1);
        ProductRanges found = new ScaleSearch(new CalibrationOptions { Metric = metric, Bits = 3 }).Find(sample);
        ProductRanges widest = new ScaleSearch(new CalibrationOptions { Metric = RangeMetric.MinMax, Bits = 3 }).Find(sample);
        Assert.True(Error(sample, found, metric) < 0.8 * Error(sample, widest, metric));
    }

    /// <summary>One row has an outlier that hardly matters to the loss: the Hessian's range cuts it off, that of squared errors holds it.</summary>
    [Fact]
    public void Outliers_that_do_not_matter_are_cut_off()
    {
        ProductSample sample = Sample(row => row == 0 ? 1e-4f : 1, outlier: 60);
        var hessian = (Quantizer.Uniform)new ScaleSearch(new CalibrationOptions { Bits = 6 }).Find(sample).Input;
        var squares = (Quantizer.Uniform)new ScaleSearch(
            new CalibrationOptions { Bits = 6, Metric = RangeMetric.MeanSquaredError }).Find(sample).Input;
        Assert.True(hessian.Scale < 0.3 * squares.Scale);
    }

    /// <summary>What has no gradient, or no error, keeps its whole range.</summary>
    [Fact]
    public void Ties_are_decided_for_the_widest()
    {
        ProductRanges ranges = new ScaleSearch(new CalibrationOptions()).Find(Sample(_ => 0));
        Assert.All(ranges.WeightShares, share => Assert.True(share > 1));
    }

    [Fact]
    public void Gradients_of_scores_are_those_of_softmax()
    {
        var random = new Random(5);
        const int Dim = 4, Keys = 6;
        float[] query = Values(Dim), keys = Values(Keys * Dim), values = Values(Keys * Dim), gradient = Values(Dim);
        float[] probabilities = Softmax(Scores(query, keys));
        var errors = new HeadErrors(new HeadSample(Dim, query, keys, values, probabilities, gradient), weighs: true);

        // A key that is off by a little: what it changes, in terms of the loss, by finite differences.
        const float Step = 1f / 64;
        float[] moved = [.. keys];
        moved[2] += Step;
        double expected = 0;
        float[] before = Scores(query, keys), after = Scores(query, moved);
        for (int k = 0; k < Keys; k++)
        {
            float[] up = [.. before], down = [.. before];
            up[k] += 1e-2f;
            down[k] -= 1e-2f;
            expected += Math.Pow((after[k] - before[k]) * (Loss(Softmax(up)) - Loss(Softmax(down))) / 2e-2, 2);
        }

        float error = errors.OfScores(new Exact(), new Moved(keys, moved));
        Assert.Equal(expected, error, 1e-3 * expected);

        double Loss(float[] p)
        {
            double sum = 0;
            for (int k = 0; k < Keys; k++)
                for (int d = 0; d < Dim; d++)
                    sum += p[k] * values[k * Dim + d] * gradient[d];
            return sum;
        }

        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];

        static float[] Scores(float[] query, float[] keys)
            => [.. Enumerable.Range(0, Keys).Select(k => Enumerable.Range(0, Dim).Sum(d => query[d] * keys[k * Dim + d]))];

        static float[] Softmax(float[] scores)
        {
            double[] e = [.. scores.Select(s => Math.Exp(s))];
            return [.. e.Select(v => (float)(v / e.Sum()))];
        }
    }

    private sealed record Exact() : Quantizer(8)
    {
        public override float[] Scales => [];

        public override void Apply(ReadOnlySpan<float> source, Span<float> target) => source.CopyTo(target);
    }

    /// <summary>Gives other values than those that it is given.</summary>
    private sealed record Moved(float[] From, float[] To) : Quantizer(8)
    {
        public override float[] Scales => [];

        public override void Apply(ReadOnlySpan<float> source, Span<float> target)
        {
            Assert.True(source.SequenceEqual(From));
            To.CopyTo(target);
        }
    }

    private static ProductSample Sample(Func<int, float> gradient, float outlier = 6)
    {
        var random = new Random(11);
        var sample = new ProductSample(
            Outputs, Inputs, [.. Enumerable.Range(0, Outputs * Inputs).Select(_ => random.NextSingle() - 0.5f)]);
        for (int row = 0; row < Rows; row++)
        {
            for (int k = 0; k < Inputs; k++)
                sample.Rows.Add(row == 0 && k == 0 ? outlier : 2 * random.NextSingle() - 1);
            for (int n = 0; n < Outputs; n++)
                sample.Gradients.Add(gradient(row));
        }

        (sample.Magnitude, sample.Greatest) = (sample.Rows.Max(MathF.Abs), sample.Rows.Max());
        return sample;
    }

    private static double Error(ProductSample sample, ProductRanges ranges, RangeMetric metric)
    {
        float[] rows = [.. sample.Rows], rounded = new float[rows.Length];
        ranges.Input.Apply(rows, rounded);
        float[] weights = WeightRounding.Round(sample.Weights, ranges.WeightShares, ranges.Input.Bits);
        double error = 0;
        for (int row = 0; row < Rows; row++)
        {
            for (int n = 0; n < Outputs; n++)
            {
                double difference = 0;
                for (int k = 0; k < Inputs; k++)
                    difference += rows[row * Inputs + k] * sample.Weights[n * Inputs + k] - rounded[row * Inputs + k] * weights[n * Inputs + k];
                error += Math.Pow(difference * (metric == RangeMetric.Hessian ? sample.Gradients[row * Outputs + n] : 1), 2);
            }
        }

        return error;
    }
}
