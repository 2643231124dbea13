using PocketSam.Kernels;
using PocketSam.Tensors;

namespace PocketSam.Layers;

/// <summary>y = x W^T + b</summary>
internal sealed class Linear
{
    private readonly Weight _weight;
    private readonly Weight _bias;

    public Linear(int inputs, int outputs, Weights w, Initializer? initializer = null)
    {
        _weight = w.Get("weight", initializer ?? Initializer.FanIn(inputs), decays: true, outputs, inputs);
        _bias = w.Get("bias", initializer is null ? Initializer.FanIn(inputs) : Initializer.Zeros, decays: false, outputs);
    }

    /// <summary>The weights <c>[outputs, inputs]</c> and the bias.</summary>
    public BiasedWeight Weights => new(_weight, _bias);

    public Tensor Forward(Tensor x, Tensor? residual = null, Activation activation = Activation.None)
        => x.Linear(_weight, _bias, residual, activation);

    /// <summary>target += x W^T + b, in place, without gradient.</summary>
    public void AddTo(Tensor target, Tensor x) => target.AddLinear(x, _weight, _bias);
}
