using System.Numerics.Tensors;

namespace PocketSam.Training.Quantization;

/// <summary>Computes the errors of a head's two products with quantised operands.</summary>
internal sealed class HeadErrors
{
    private readonly HeadSample _head;
    private readonly int _queries;
    private readonly int _keys;
    private readonly float[] _scores;
    private readonly float[] _sums;
    private readonly float[]? _scoreGradients;

    /// <param name="head">The sampled head.</param>
    /// <param name="weighs">Whether to multiply differences by gradients.</param>
    public HeadErrors(HeadSample head, bool weighs)
    {
        _head = head;
        (_queries, _keys) = (head.Queries.Length / head.Dim, head.Keys.Length / head.Dim);
        _scores = Scores(head.Queries, head.Keys);
        _sums = Sums(head.Probabilities, head.Values);
        if (!weighs)
            return;

        // Backward through softmax: dS = P (dP - sum of dP P), dP = dO V^T.
        _scoreGradients = new float[_queries * _keys];
        for (int q = 0; q < _queries; q++)
        {
            Span<float> gradient = _scoreGradients.AsSpan(q * _keys, _keys);
            ReadOnlySpan<float> probabilities = head.Probabilities.AsSpan(q * _keys, _keys);
            for (int k = 0; k < _keys; k++)
            {
                gradient[k] = TensorPrimitives.Dot<float>(
                    head.Gradients.AsSpan(q * head.Dim, head.Dim), head.Values.AsSpan(k * head.Dim, head.Dim));
            }

            float mean = TensorPrimitives.Dot<float>(gradient, probabilities);
            TensorPrimitives.Subtract(gradient, mean, gradient);
            TensorPrimitives.Multiply(gradient, probabilities, gradient);
        }
    }

    /// <summary>Squared error of queries times keys.</summary>
    public float OfScores(Quantizer query, Quantizer key)
        => Error(_scores, Scores(Rounded(query, _head.Queries), Rounded(key, _head.Keys)), _scoreGradients);

    /// <summary>Squared error of probabilities times values.</summary>
    public float OfSums(Quantizer probability, Quantizer value)
        => Error(
            _sums, Sums(Rounded(probability, _head.Probabilities), Rounded(value, _head.Values)),
            _scoreGradients is null ? null : _head.Gradients);

    private float[] Scores(float[] queries, float[] keys)
    {
        int dim = _head.Dim;
        float[] scores = new float[_queries * _keys];
        for (int i = 0; i < scores.Length; i++)
            scores[i] = TensorPrimitives.Dot<float>(queries.AsSpan(i / _keys * dim, dim), keys.AsSpan(i % _keys * dim, dim));
        return scores;
    }

    private float[] Sums(float[] probabilities, float[] values)
    {
        int dim = _head.Dim;
        float[] sums = new float[_queries * dim];
        for (int i = 0; i < _queries * _keys; i++)
        {
            Span<float> sum = sums.AsSpan(i / _keys * dim, dim);
            TensorPrimitives.MultiplyAdd(values.AsSpan(i % _keys * dim, dim), probabilities[i], sum, sum);
        }

        return sums;
    }

    private static float[] Rounded(Quantizer quantizer, float[] values)
    {
        float[] rounded = new float[values.Length];
        quantizer.Apply(values, rounded);
        return rounded;
    }

    private static float Error(float[] exact, float[] found, float[]? gradients)
    {
        TensorPrimitives.Subtract(exact, found, found);
        if (gradients is not null)
            TensorPrimitives.Multiply(found, gradients, found);
        return TensorPrimitives.SumOfSquares<float>(found);
    }
}
