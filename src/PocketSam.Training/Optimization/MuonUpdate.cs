using System.Numerics.Tensors;

namespace PocketSam.Training.Optimization;

/// <summary>
/// A step of Muon: the momentum with Nesterov's look-ahead is orthogonalised and multiplied by 0.2 sqrt(longer side).
/// Its values are then about as large as AdamW's, so that both use the same learning rate and weight decay (Liu et al.,
/// arXiv:2502.16982, section 2.2).
/// </summary>
internal static class MuonUpdate
{
    private const float Scale = 0.2f;

    /// <summary>Updates one weight and its average.</summary>
    /// <param name="weight">The state of the weight, which is a matrix.</param>
    /// <param name="gradient">The gradient of the weight; it is overwritten by the step.</param>
    /// <param name="clip">The factor of gradients.</param>
    /// <param name="learningRate">The learning rate of this step.</param>
    /// <param name="averageDecay">Decay of the average.</param>
    /// <param name="options">The options of the optimiser.</param>
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
