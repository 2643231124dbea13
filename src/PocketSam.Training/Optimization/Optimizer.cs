using System.Numerics.Tensors;
using PocketSam.Kernels;
using PocketSam.Kernels.Vectors;
using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Training.Optimization;

/// <summary>
/// Updates the weights of a state dict, with clipping by the global norm of the gradient, and with a running average of
/// the weights, which is the result of the training.
/// </summary>
internal sealed unsafe class Optimizer
{
    private readonly OptimizerOptions _options;
    private readonly OptimizedWeight[] _weights;

    /// <summary>
    /// Indices of the weights, in descending order of the cost of their steps, so that threads finish together.
    /// </summary>
    private readonly int[] _order;

    public Optimizer(StateDict state, OptimizerOptions options)
    {
        _options = options;
        _weights = 
        [
            .. state.Entries.Where(e => e.Trainable && options.RateOf(e.Key) > 0)
                .Select(e => new OptimizedWeight(e, options.Method, options.RateOf(e.Key))),
        ];
        _order =
        [
            .. Enumerable.Range(0, _weights.Length).OrderByDescending(
                i => _weights[i].IsMatrix ? NewtonSchulz.Cost(_weights[i].Rows, _weights[i].Columns) : 0),
        ];
    }

    /// <summary>Number of steps done.</summary>
    public long Steps { get; set; }

    /// <summary>The state of each weight.</summary>
    public IReadOnlyList<OptimizedWeight> State => _weights;

    /// <summary>
    /// Updates the weights from their gradients, which are then removed. Weights without gradient stay. Returns the
    /// norm of the gradient before clipping; if it is not finite, nothing is changed.
    /// </summary>
    public float Step(float learningRate)
    {
        double[] squares = new double[_weights.Length];
        Workers.For(
            squares.Length, i => squares[i] = TensorPrimitives.SumOfSquares<float>(_weights[i].Entry.Weight.Value.GradientSpan));
        float norm = (float)Math.Sqrt(squares.Sum());
        if (!float.IsFinite(norm))
            return norm;
        float clip = _options.ClipNorm > 0 && norm > _options.ClipNorm ? _options.ClipNorm / norm : 1f;

        Steps++;

        // The decay is lower in the first steps, so that the average forgets them soon.
        float averageDecay = MathF.Min(_options.AverageDecay, (1f + Steps) / (10f + Steps));
        Workers.For(_order.Length, i => Step(_weights[_order[i]], clip, learningRate, averageDecay));
        foreach (OptimizedWeight weight in _weights)
            weight.Entry.Weight.Changed();
        ClearGradients();
        return norm;
    }

    /// <summary>Removes all gradients.</summary>
    public void ClearGradients()
    {
        foreach (OptimizedWeight weight in _weights)
        {
            TensorBuffer buffer = weight.Entry.Weight.Value.Buffer;
            if (buffer.Gradient is not null)
                BufferPool.Return(buffer.Gradient);
            buffer.Gradient = null;
        }
    }

    /// <summary>Exchanges weights and averages. Call it before and after the use of the averaged model.</summary>
    public void SwapAverages()
    {
        foreach (OptimizedWeight weight in _weights)
        {
            Span<float> values = weight.Entry.Weight.Value.Span;
            for (int i = 0; i < values.Length; i++)
                (values[i], weight.Average[i]) = (weight.Average[i], values[i]);
            weight.Entry.Weight.Changed();
        }
    }

    private void Step(OptimizedWeight weight, float clip, float learningRate, float averageDecay)
    {
        TensorBuffer buffer = weight.Entry.Weight.Value.Buffer;
        if (buffer.Gradient is not { } gradient)
        {
            // In this form, an average that equals its weight stays bit-identical.
            for (int i = 0; i < weight.Average.Length; i++)
                weight.Average[i] += (1f - averageDecay) * (buffer.Data[i] - weight.Average[i]);
            return;
        }

        weight.Steps++;
        learningRate *= weight.Rate;
        if (weight.IsMatrix)
        {
            MuonUpdate.Run(
                weight, weight.Entry.Weight.Value.GradientSpan, clip, learningRate, averageDecay, _options);
            return;
        }

        float correction1 = 1f - MathF.Pow(_options.Beta1, weight.Steps);
        float correction2 = 1f - MathF.Pow(_options.Beta2, weight.Steps);
        fixed (float* first = weight.First, second = weight.Second, average = weight.Average)
        {
            Simd.Run(new AdamWUpdate
            {
                W = buffer.Data, G = gradient.Data, First = first, Second = second, Average = average,
                Count = weight.First.Length, Clip = clip, Options = _options,
                Rate = learningRate / correction1, Root = 1f / MathF.Sqrt(correction2),
                Decay = weight.Entry.Decays ? 1f - learningRate * _options.WeightDecay : 1f, AverageDecay = averageDecay,
            });
        }
    }
}
