using PocketSam.Tensors;

namespace PocketSam.Layers;

/// <summary>A convolution with or without bias.</summary>
internal sealed class Conv2d
{
    private readonly string _key;
    private readonly Weight _weight;
    private readonly Weight? _bias;
    private readonly int _stride;
    private readonly int _padding;

    public Conv2d(
        int inChannels, int outChannels, int kernel, Weights w, int stride = 1, int padding = 0, bool bias = true,
        Initializer? initializer = null)
    {
        _key = w.Key;
        Initializer first = initializer ?? Initializer.FanIn(inChannels * kernel * kernel);
        _weight = w.Convolution(outChannels, kernel, inChannels, isProduct: true, first);
        _bias = bias ? w.Get("bias", first, decays: false, outChannels) : null;
        (_stride, _padding) = (stride, padding);
    }

    /// <summary>[B, H, W, in] to [B, H', W', out]</summary>
    public Tensor Forward(Tensor x)
    {
        using Tape.LayerScope layer = Tape.Enter(_key);
        return x.Conv2d(_weight, _bias, _stride, _padding);
    }
}
