using PocketSam.Tensors;

namespace PocketSam.Layers;

/// <summary>A learned factor for each channel of a residual branch (dinov2/layers/layer_scale.py).</summary>
internal sealed class LayerScale(int channels, Weights w)
{
    private readonly Weight _gamma = w.Get("gamma", Initializer.Ones, decays: false, channels);

    /// <summary>Whether its factors are trained.</summary>
    public bool Learns => _gamma.Value.WantsGradient;

    /// <summary>residual + x gamma</summary>
    public Tensor Forward(Tensor residual, Tensor x) => residual.AddScaledChannels(x, _gamma.Value);

    /// <summary>target += x gamma, in place, without gradient.</summary>
    public void AddTo(Tensor target, Tensor x) => target.AddScaledChannelsInPlace(x, _gamma.Value);
}
