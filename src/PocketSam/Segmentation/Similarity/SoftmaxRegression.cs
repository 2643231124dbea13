using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace PocketSam.Segmentation.Similarity;

/// <summary>
/// Multinomial logistic regression: minimises the mean cross entropy of softmax(W x + b) plus λ/2 |W|² by Nesterov's
/// accelerated gradient over all examples at once. Nothing is random: equal examples give equal weights.
/// </summary>
internal sealed class SoftmaxRegression
{
    /// <summary>Most steps; the loss is smooth and convex, and predictions converge within these.</summary>
    private const int MaxSteps = 300;

    /// <summary>Largest entry of the gradient at convergence.</summary>
    private const double LeastGradient = 1e-5;

    private readonly int _features;
    private readonly double[] _weights;

    private SoftmaxRegression(int classes, int features, double[] weights) => (Classes, _features, _weights) = (classes, features, weights);

    /// <summary>Number of classes.</summary>
    public int Classes { get; }

    /// <summary>Minimises the loss.</summary>
    /// <param name="examples">Features of each example, of length at most 1, which bounds the step.</param>
    /// <param name="labels">The class of each example, 0 to <paramref name="classes"/> - 1.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="penalty">λ, above 0.</param>
    /// <param name="cancellation">Checked before each step.</param>
    public static SoftmaxRegression Fit(
        IReadOnlyList<double[]> examples, IReadOnlyList<int> labels, int classes, double penalty, CancellationToken cancellation)
    {
        int features = examples[0].Length, size = classes * (features + 1);
        double[] now = new double[size], before = new double[size], ahead = new double[size], gradient = new double[size];

        // The Hessian is at most half the mean of x xᵀ, here including the bias's one (Böhning 1992), plus λ.
        double bound = 1 + penalty;
        double momentum = (Math.Sqrt(bound) - Math.Sqrt(penalty)) / (Math.Sqrt(bound) + Math.Sqrt(penalty));
        for (int step = 0; step < MaxSteps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            TensorPrimitives.Subtract<double>(now, before, ahead);
            TensorPrimitives.MultiplyAdd(ahead, momentum, now, ahead);
            Loss(examples, labels, classes, penalty, ahead, gradient);
            now.CopyTo(before, 0);
            TensorPrimitives.MultiplyAdd(gradient, -1 / bound, ahead, now);
            if (TensorPrimitives.MaxMagnitude<double>(gradient) is > -LeastGradient and < LeastGradient)
                break;
        }

        return new SoftmaxRegression(classes, features, now);
    }

    /// <summary>The loss and its gradient.</summary>
    /// <param name="examples">Features of each example.</param>
    /// <param name="labels">The class of each example, 0 to <paramref name="classes"/> - 1.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="penalty">λ, above 0.</param>
    /// <param name="weights"><c>[classes, features + 1]</c>, the bias last.</param>
    /// <param name="gradient">Receives the gradient, in the layout of <paramref name="weights"/>.</param>
    public static double Loss(
        IReadOnlyList<double[]> examples, IReadOnlyList<int> labels, int classes, double penalty, ReadOnlySpan<double> weights,
        Span<double> gradient)
    {
        int features = examples[0].Length;
        Span<double> shares = new double[classes];
        gradient.Clear();
        double loss = 0, part = 1.0 / examples.Count;
        for (int i = 0; i < examples.Count; i++)
        {
            loss -= part * Math.Log(Math.Max(Softmax(weights, examples[i], shares)[labels[i]], double.Epsilon));
            for (int c = 0; c < classes; c++)
            {
                double pull = part * (shares[c] - (c == labels[i] ? 1 : 0));
                Span<double> own = gradient.Slice(c * (features + 1), features + 1);
                TensorPrimitives.MultiplyAdd(examples[i], pull, own[..features], own[..features]);
                own[features] += pull;
            }
        }

        for (int c = 0; c < classes; c++)
        {
            ReadOnlySpan<double> own = weights.Slice(c * (features + 1), features);
            loss += penalty / 2 * TensorPrimitives.SumOfSquares(own);
            Span<double> its = gradient.Slice(c * (features + 1), features);
            TensorPrimitives.MultiplyAdd(own, penalty, its, its);
        }

        return loss;
    }

    /// <summary>The probability of each class; they sum to 1.</summary>
    public double[] Probabilities(double[] example)
    {
        if (example.Length != _features)
            throw new ArgumentException($"{example.Length} features where {_features} are expected", nameof(example));
        double[] shares = new double[Classes];
        Softmax(_weights, example, shares);
        return shares;
    }

    private static Span<double> Softmax(ReadOnlySpan<double> weights, double[] example, Span<double> shares)
    {
        int stride = example.Length + 1;
        for (int c = 0; c < shares.Length; c++)
            shares[c] = TensorPrimitives.Dot(weights.Slice(c * stride, example.Length), example) + weights[(c + 1) * stride - 1];
        double most = TensorPrimitives.Max<double>(shares);
        TensorPrimitives.Subtract(shares, most, shares);
        TensorPrimitives.Exp(shares, shares);
        TensorPrimitives.Divide(shares, TensorPrimitives.Sum<double>(shares), shares);
        return shares;
    }
}
