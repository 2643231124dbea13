using PocketSam.Tensors;

namespace PocketSam.Layers;

/// <summary>Transposed convolution, kernel 2, stride 2: [B, H, W, in] to [B, 2 H, 2 W, out].</summary>
internal sealed class ConvTranspose2d(int inChannels, int outChannels, Weights w)
{
    private readonly string _key = w.Key;
    private readonly Weight _weight = w.TransposedConvolution(inChannels, outChannels);
    private readonly Weight _bias = w.Get("bias", Initializer.FanIn(4 * outChannels), decays: false, outChannels);

    /// <summary>The weights <c>[4 * out, in]</c> and the bias.</summary>
    public BiasedWeight Weights => new(_weight, _bias);

    public Tensor Forward(Tensor x)
    {
        using Tape.LayerScope layer = Tape.Enter(_key);
        return x.ConvTranspose2x2(_weight, _bias);
    }
}
