using PocketSam.Kernels;
using PocketSam.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace PocketSam.Segmentation;

/// <summary>
/// Scores of a vocabulary's words in a picture: for each place of the embedding and each word, the contribution of the
/// place to the word's score if it is in the mask, or in its ring. The mean over places commutes with the product with
/// a word's vector, so the features need not be kept.
/// </summary>
internal sealed class PictureWords
{
    private readonly float[] _cells;
    private readonly float[] _image;
    private readonly ImageGeometry _geometry;

    private PictureWords(WordVocabulary vocabulary, float[] cells, float[] image, ImageGeometry geometry)
        => (Vocabulary, _cells, _image, _geometry) = (vocabulary, cells, image, geometry);

    /// <summary>The vocabulary.</summary>
    public WordVocabulary Vocabulary { get; }

    /// <summary>The scores in a picture.</summary>
    /// <param name="vocabulary">The vocabulary.</param>
    /// <param name="features">Input of the encoder's neck, [1, side, side, C].</param>
    /// <param name="geometry">The place of the picture in the input.</param>
    /// <exception cref="ArgumentException">The vocabulary has another number of features.</exception>
    public static PictureWords Of(WordVocabulary vocabulary, Tensor features, ImageGeometry geometry)
    {
        WordWeights w = vocabulary.Weights;
        if (features.Channels != w.Features)
            throw new ArgumentException($"words of {w.Features} features for an encoder of {features.Channels}", nameof(vocabulary));
        int places = features.Rows, outcomes = w.Outcomes, channels = w.Features;
        float[] cells = new float[places * 2 * outcomes];
        Workers.For(places, place =>
        {
            ReadOnlySpan<float> feature = features.Span.Slice(place * channels, channels);
            Span<float> cell = cells.AsSpan(place * 2 * outcomes, 2 * outcomes);
            for (int i = 0; i < outcomes; i++)
            {
                cell[i] = TensorPrimitives.Dot(feature, w.Mask.AsSpan(i * channels, channels));
                cell[outcomes + i] = TensorPrimitives.Dot(feature, w.Ring.AsSpan(i * channels, channels));
            }
        });

        float[] pixels = MaskCells.OfPicture(geometry), mean = new float[channels], image = new float[outcomes];
        Mean(features.Span, channels, 0, channels, pixels, mean);
        for (int i = 0; i < outcomes; i++)
            image[i] = TensorPrimitives.Dot<float>(mean, w.Image.AsSpan(i * channels, channels)) + w.Bias[i];
        return new PictureWords(vocabulary, cells, image, geometry);
    }

    /// <summary>
    /// The probability of each word for a mask, and in the last place that of no word; they sum to 1.
    /// </summary>
    /// <param name="mask">A non-empty mask of the picture.</param>
    public float[] Probabilities(Rle mask)
    {
        WordWeights w = Vocabulary.Weights;
        int outcomes = w.Outcomes;
        var covered = new MaskCells(mask, _geometry);
        float[] scores = [.. _image], sum = new float[outcomes], shape = new float[WordVocabulary.ShapeFeatures];
        Mean(_cells, 2 * outcomes, 0, outcomes, covered.Mask, sum);
        TensorPrimitives.Add(scores, sum, scores);
        Mean(_cells, 2 * outcomes, outcomes, outcomes, RingOf(covered), sum);
        TensorPrimitives.Add(scores, sum, scores);
        covered.Describe(_geometry, shape);
        for (int i = 0; i < outcomes; i++)
            scores[i] += TensorPrimitives.Dot<float>(shape, w.Shape.AsSpan(i * shape.Length, shape.Length));
        TensorPrimitives.SoftMax<float>(scores, scores);
        return scores;
    }

    /// <summary>The ring's pixels; the mask's if the ring is empty.</summary>
    public static float[] RingOf(MaskCells cells) => TensorPrimitives.Sum<float>(cells.Ring) > 0 ? cells.Ring : cells.Mask;

    /// <summary>Weighted mean of a range of columns.</summary>
    /// <param name="rows">Rows of <paramref name="stride"/> values.</param>
    /// <param name="stride">Values from one row to the next.</param>
    /// <param name="first">The first column.</param>
    /// <param name="count">Number of columns.</param>
    /// <param name="weights">One weight for each row, not all zero.</param>
    /// <param name="mean">Receives the mean, <paramref name="count"/> values.</param>
    public static void Mean(ReadOnlySpan<float> rows, int stride, int first, int count, ReadOnlySpan<float> weights, Span<float> mean)
    {
        mean.Clear();
        float sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] == 0)
                continue;
            sum += weights[i];
            TensorPrimitives.MultiplyAdd(rows.Slice(i * stride + first, count), weights[i], mean, mean);
        }

        if (sum > 0)
            TensorPrimitives.Divide(mean, sum, mean);
    }
}
