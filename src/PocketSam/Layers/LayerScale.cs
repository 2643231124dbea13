using PocketSam.Tensors;

namespace PocketSam.Layers;

/// <summary>A learned factor for each channel of a residual branch (dinov2/layers/layer_scale.py).</summary>
internal sealed class LayerScale(int channels, Weights w)
{
    private readonly string _key = w.Key;
    private readonly Weight _gamma = w.Get("gamma", Initializer.Ones, decays: false, channels);

    /// <summary>Whether training changes the factors.</summary>
    public bool Learns => _gamma.WantsGradient;

    /// <summary>residual + x gamma</summary>
    public Tensor Forward(Tensor residual, Tensor x)
    {
        using Tape.LayerScope layer = Tape.Enter(_key);
        return residual.AddScaledChannels(x, _gamma);
    }

    /// <summary>target += x gamma, in place, without gradient.</summary>
    public void AddTo(Tensor target, Tensor x)
    {
        using Tape.LayerScope layer = Tape.Enter(_key);
        target.AddScaledChannelsInPlace(x, _gamma);
    }
}
