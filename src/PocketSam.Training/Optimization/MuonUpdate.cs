using System.Numerics.Tensors;

namespace PocketSam.Training.Optimization;

/// <summary>
/// A step of Muon: the momentum, looked ahead by Nesterov's rule and made orthogonal, times 0.2 and the root of the longer
/// side, so that its values are as large as AdamW's and the same learning rate and weight decay serve both (Liu et al., 2025,
/// section 2.2).
/// </summary>
internal static class MuonUpdate
{
    private const float Scale = 0.2f;

    /// <summary>Steps one weight and its average.</summary>
    /// <param name="weight">What is kept for the weight; a matrix.</param>
    /// <param name="gradient">Its gradient; the step takes its place.</param>
    /// <param name="clip">What gradients are multiplied with.</param>
    /// <param name="learningRate">The rate of this step.</param>
    /// <param name="averageDecay">Decay of the average.</param>
    /// <param name="options">The optimiser's numbers.</param>
    public static void Run(
        OptimizedWeight weight, Span<float> gradient, float clip, float learningRate, float averageDecay,
        OptimizerOptions options)
    {
        float[] momentum = weight.First;
        float keep = options.Momentum, take = 1f - keep;
        TensorPrimitives.Multiply(gradient, clip * take, gradient);
        TensorPrimitives.MultiplyAdd(momentum, keep, gradient, momentum);
        TensorPrimitives.MultiplyAdd(momentum, keep, gradient, gradient);
        NewtonSchulz.Orthogonalize(gradient, weight.Rows, weight.Columns);

        Span<float> values = weight.Entry.Weight.Value.Span;
        TensorPrimitives.Multiply(
            gradient, -learningRate * Scale * MathF.Sqrt(Math.Max(weight.Rows, weight.Columns)), gradient);
        TensorPrimitives.MultiplyAdd(values, 1f - learningRate * options.WeightDecay, gradient, values);
        TensorPrimitives.Multiply(weight.Average, averageDecay, weight.Average);
        TensorPrimitives.MultiplyAdd(values, 1f - averageDecay, weight.Average, weight.Average);
    }
}
