using System.Numerics.Tensors;

namespace PocketSam.Training.Words;

/// <summary>
/// Fits the vectors of words: softmax regression on standardised features with Adam (Kingma and Ba, 2015), with samples
/// weighted by the inverse square root of their word's frequency. The same pictures, words and seed give bit-identical
/// results.
/// </summary>
internal static class WordFit
{
    private const int Steps = 1500, Batch = 256, Seed = 1;
    private const float Decay = 1e-3f, Beta1 = 0.9f, Beta2 = 0.99f, Epsilon = 1e-8f;

    /// <summary>
    /// Step size for a single standardised feature; with n features the score moves sqrt(n) times as far.
    /// </summary>
    private const float Rate = 0.2f;

    /// <summary>Fits the vectors.</summary>
    /// <param name="pictures">The training pictures.</param>
    /// <param name="words">The words in the order of the outcomes; the last outcome stands for anything else.</param>
    /// <param name="progress">Receives the fraction of steps done, 0 to 1.</param>
    /// <param name="cancellation">Checked between steps.</param>
    public static WordWeights Run(
        IReadOnlyList<WordPicture> pictures, IReadOnlyList<string> words, IProgress<double>? progress, CancellationToken cancellation)
    {
        var places = words.Select((word, i) => (word, i)).ToDictionary(w => w.word, w => w.i, StringComparer.OrdinalIgnoreCase);
        int outcomes = words.Count + 1;
        List<(Half[] Features, int Outcome)> samples = [];
        foreach (WordPicture picture in pictures)
        {
            samples.AddRange(picture.Named.Select(m => (m.Features, places.GetValueOrDefault(m.Name, words.Count))));
            samples.AddRange(picture.Found.Where(m => m.IsBackground || m.Name is not null)
                .Select(m => (m.Features, m.Name is null ? words.Count : places.GetValueOrDefault(m.Name, words.Count))));
        }

        int length = samples[0].Features.Length;
        (float[] mean, float[] scale) = Standard(samples.ConvertAll(s => s.Features), length);
        int[] counts = new int[outcomes];
        samples.ForEach(s => counts[s.Outcome]++);
        float[] weight = [.. counts.Select(count => 1 / MathF.Sqrt(Math.Max(1, count)))];

        float[] w = new float[outcomes * length], first = new float[w.Length], second = new float[w.Length], gradient = new float[w.Length];
        float[] bias = new float[outcomes], biasFirst = new float[outcomes], biasSecond = new float[outcomes], biasGradient = new float[outcomes];
        float[] x = new float[length], z = new float[outcomes];
        var random = new Random(Seed);
        for (int step = 1; step <= Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            Array.Clear(gradient);
            Array.Clear(biasGradient);
            float sum = 0;
            for (int i = 0; i < Batch; i++)
            {
                (Half[] features, int outcome) = samples[random.Next(samples.Count)];
                TensorPrimitives.ConvertToSingle(features, x);
                TensorPrimitives.Subtract(x, mean, x);
                TensorPrimitives.Multiply(x, scale, x);
                for (int k = 0; k < outcomes; k++)
                    z[k] = TensorPrimitives.Dot<float>(x, w.AsSpan(k * length, length)) + bias[k];
                TensorPrimitives.SoftMax<float>(z, z);
                z[outcome] -= 1;
                sum += weight[outcome];
                for (int k = 0; k < outcomes; k++)
                {
                    float g = z[k] * weight[outcome];
                    biasGradient[k] += g;
                    TensorPrimitives.MultiplyAdd(x, g, gradient.AsSpan(k * length, length), gradient.AsSpan(k * length, length));
                }
            }

            TensorPrimitives.Divide(gradient, sum, gradient);
            TensorPrimitives.MultiplyAdd(w, Decay, gradient, gradient);
            TensorPrimitives.Divide(biasGradient, sum, biasGradient);
            float rate = Rate / MathF.Sqrt(length) * (1 - (float)step / Steps);
            Update(w, gradient, first, second, rate, step);
            Update(bias, biasGradient, biasFirst, biasSecond, rate, step);
            progress?.Report((double)step / Steps);
        }

        // Folds the standardisation into vectors and biases.
        for (int k = 0; k < outcomes; k++)
        {
            Span<float> row = w.AsSpan(k * length, length);
            TensorPrimitives.Multiply(row, scale, row);
            bias[k] -= TensorPrimitives.Dot<float>(row, mean);
        }

        int channels = (length - WordVocabulary.ShapeFeatures) / 3;
        return new WordWeights(
            outcomes, channels, Columns(0, channels), Columns(channels, channels), Columns(2 * channels, channels),
            Columns(3 * channels, WordVocabulary.ShapeFeatures), bias);

        float[] Columns(int start, int count)
        {
            float[] columns = new float[outcomes * count];
            for (int k = 0; k < outcomes; k++)
                w.AsSpan(k * length + start, count).CopyTo(columns.AsSpan(k * count));
            return columns;
        }
    }

    /// <summary>Probabilities of all outcomes, for features of a <see cref="WordPicture"/>.</summary>
    public static float[] Probabilities(WordWeights weights, Half[] features)
    {
        int channels = weights.Features;
        float[] x = new float[features.Length], z = new float[weights.Outcomes];
        TensorPrimitives.ConvertToSingle(features, x);
        for (int k = 0; k < z.Length; k++)
        {
            z[k] = weights.Bias[k]
                + TensorPrimitives.Dot(x.AsSpan(0, channels), weights.Mask.AsSpan(k * channels, channels))
                + TensorPrimitives.Dot(x.AsSpan(channels, channels), weights.Ring.AsSpan(k * channels, channels))
                + TensorPrimitives.Dot(x.AsSpan(2 * channels, channels), weights.Image.AsSpan(k * channels, channels))
                + TensorPrimitives.Dot(x.AsSpan(3 * channels), weights.Shape.AsSpan(k * WordVocabulary.ShapeFeatures, WordVocabulary.ShapeFeatures));
        }

        TensorPrimitives.SoftMax<float>(z, z);
        return z;
    }

    private static (float[] Mean, float[] Scale) Standard(List<Half[]> samples, int length)
    {
        double[] sum = new double[length], squares = new double[length];
        foreach (Half[] sample in samples)
        {
            for (int i = 0; i < length; i++)
            {
                double v = (double)sample[i];
                sum[i] += v;
                squares[i] += v * v;
            }
        }

        float[] mean = [.. sum.Select(v => (float)(v / samples.Count))];
        return (mean, [.. squares.Select((v, i) => (float)(1 / Math.Sqrt(Math.Max(0, v / samples.Count - (double)mean[i] * mean[i]) + 1e-8)))]);
    }

    private static void Update(float[] w, float[] gradient, float[] first, float[] second, float rate, int step)
    {
        float one = 1 - MathF.Pow(Beta1, step), two = 1 - MathF.Pow(Beta2, step);
        for (int i = 0; i < w.Length; i++)
        {
            float g = gradient[i];
            first[i] += (1 - Beta1) * (g - first[i]);
            second[i] += (1 - Beta2) * (g * g - second[i]);
            w[i] -= rate * (first[i] / one) / (MathF.Sqrt(second[i] / two) + Epsilon);
        }
    }
}
