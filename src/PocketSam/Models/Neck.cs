using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Models;

/// <summary>
/// The last layers of every image encoder: 1x1 and 3x3 convolution to the decoder's channels, each with a norm
/// (segment_anything/modeling/image_encoder.py, neck).
/// </summary>
/// <param name="channels">Channels of the input.</param>
/// <param name="outChannels">Channels of the decoder.</param>
/// <param name="w">The scope <c>neck</c>.</param>
/// <param name="normalizesInput">Whether a norm over the input's channels comes first.</param>
/// <param name="bias">Whether the convolutions have biases.</param>
internal sealed class Neck(int channels, int outChannels, Weights w, bool normalizesInput = false, bool bias = false)
{
    private readonly LayerNorm? _normIn = normalizesInput ? new(channels, w["norm_in"]) : null;
    private readonly Conv2d _conv1 = new(channels, outChannels, kernel: 1, w[0], bias: bias);
    private readonly LayerNorm _norm1 = new(outChannels, w[1], LayerNorm.Epsilon2d);
    private readonly Conv2d _conv2 = new(outChannels, outChannels, kernel: 3, w[2], padding: 1, bias: bias);
    private readonly LayerNorm _norm2 = new(outChannels, w[3], LayerNorm.Epsilon2d);

    /// <summary>[B, H, W, channels] to [B, H, W, outChannels]</summary>
    public Tensor Forward(Tensor x)
        => _norm2.Forward(_conv2.Forward(_norm1.Forward(_conv1.Forward(_normIn?.Forward(x) ?? x))));
}
