using PocketSam.Tensors;

namespace PocketSam.Layers;

/// <summary>
/// Layer norm over the channels. With channels last, SAM's LayerNorm2d (segment_anything/modeling/common.py) is the
/// same with epsilon 1e-6.
/// </summary>
internal sealed class LayerNorm(int channels, Weights w, float epsilon = 1e-5f)
{
    /// <summary>LayerNorm2d's epsilon.</summary>
    public const float Epsilon2d = 1e-6f;

    private readonly string _key = w.Key;
    private readonly Weight _gain = w.Get("weight", Initializer.Ones, decays: false, channels);
    private readonly Weight _bias = w.Get("bias", Initializer.Zeros, decays: false, channels);

    /// <summary>Gain and bias.</summary>
    public BiasedWeight Weights => new(_gain, _bias);

    /// <summary>Added to the variance.</summary>
    public float Epsilon => epsilon;

    public Tensor Forward(Tensor x)
    {
        using Tape.LayerScope layer = Tape.Enter(_key);
        return x.LayerNorm(_gain.Value, _bias.Value, epsilon);
    }
}
