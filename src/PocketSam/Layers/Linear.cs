using PocketSam.Kernels.Vectors;
using PocketSam.Tensors;

namespace PocketSam.Layers;

/// <summary>y = x W^T + b</summary>
internal sealed class Linear
{
    private readonly string _key;
    private readonly Weight _weight;
    private readonly Weight _bias;

    /// <param name="inputs">Width of the input.</param>
    /// <param name="outputs">Width of the output.</param>
    /// <param name="w">The scope of its weights.</param>
    /// <param name="initializer">Initial values of the weights; if given, the bias starts at zero.</param>
    /// <param name="isProduct">Whether nothing but the layer itself reads the weights.</param>
    public Linear(int inputs, int outputs, Weights w, Initializer? initializer = null, bool isProduct = true)
    {
        _key = w.Key;
        _weight = w.Matrix("weight", initializer ?? Initializer.FanIn(inputs), isProduct, outputs, inputs);
        _bias = w.Get("bias", initializer is null ? Initializer.FanIn(inputs) : Initializer.Zeros, decays: false, outputs);
    }

    /// <summary>The weights <c>[outputs, inputs]</c> and the bias.</summary>
    public BiasedWeight Weights => new(_weight, _bias);

    public Tensor Forward(Tensor x, Tensor? residual = null, Activation activation = Activation.None)
    {
        using Tape.LayerScope layer = Tape.Enter(_key);
        return x.Linear(_weight, _bias, residual, activation);
    }

    /// <summary>target += x W^T + b, in place, without gradient.</summary>
    public void AddTo(Tensor target, Tensor x)
    {
        using Tape.LayerScope layer = Tape.Enter(_key);
        target.AddLinear(x, _weight, _bias);
    }
}
