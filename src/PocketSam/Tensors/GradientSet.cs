using PocketSam.Kernels.Vectors;

namespace PocketSam.Tensors;

/// <summary>
/// Weight gradients of one of several concurrent computations, to be added up afterwards in a fixed order.
/// </summary>
internal sealed unsafe class GradientSet
{
    private readonly Dictionary<TensorBuffer, TensorBuffer> _gradients = [];

    /// <summary>Adds all gradients to those of the weights and returns the memory.</summary>
    public void AddToWeights()
    {
        foreach ((TensorBuffer weight, TensorBuffer gradient) in _gradients)
        {
            if (weight.Gradient is null)
            {
                weight.Gradient = gradient;
                continue;
            }

            Elementwise.Map<Identity>(gradient.Data, weight.Gradient.Data, weight.Count, accumulate: true);
            BufferPool.Return(gradient);
        }

        _gradients.Clear();
    }

    /// <summary>
    /// The memory that collects the gradient of <paramref name="weight"/>; <paramref name="accumulate"/> tells whether
    /// it already holds a contribution.
    /// </summary>
    public TensorBuffer Get(TensorBuffer weight, out bool accumulate)
    {
        accumulate = _gradients.TryGetValue(weight, out TensorBuffer? gradient);
        if (gradient is null)
            _gradients.Add(weight, gradient = BufferPool.Rent(weight.Count));
        return gradient;
    }
}
