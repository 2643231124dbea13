using PocketSam.Kernels.Vectors;
using PocketSam.Tensors;

namespace PocketSam.Layers;

/// <summary>
/// A convolution without bias followed by batch norm (TinyViT's Conv2d_BN).
/// <para>
/// On a tape that records, in training, the norm uses the statistics of the batch and moves its running ones towards
/// them by a tenth. Otherwise it is folded into the convolution: w' = w gain / sqrt(var + eps), b' = bias - mean gain /
/// sqrt(var + eps).
/// </para>
/// </summary>
internal sealed unsafe class ConvBn
{
    private const float Epsilon = 1e-5f;
    private const float Momentum = 0.1f;

    private readonly Lock _gate = new();
    private readonly string _key;
    private readonly StateDict _state;
    private readonly Weight _weight;
    private readonly Weight _gain;
    private readonly Weight _bias;
    private readonly Weight _mean;
    private readonly Weight _variance;
    private readonly int _stride;
    private readonly int _padding;
    private readonly bool _depthwise;
    private BiasedWeight? _folded;
    private int _foldedVersion;

    public ConvBn(
        int inChannels, int outChannels, int kernel, Weights w, int stride = 1, bool depthwise = false, float gain = 1f)
    {
        (_key, _state) = (w.Key, w.State);
        _depthwise = depthwise;
        (_stride, _padding) = (stride, kernel / 2);
        _weight = depthwise ? w["c"].Depthwise(outChannels, kernel) : w["c"].Convolution(outChannels, kernel, inChannels, isProduct: false);
        Weights bn = w["bn"];
        _gain = bn.Get("weight", new Initializer(InitializerKind.Constant, gain), decays: false, outChannels);
        _bias = bn.Get("bias", Initializer.Zeros, decays: false, outChannels);
        _mean = bn.Fixed("running_mean", Initializer.Zeros, outChannels);
        _variance = bn.Fixed("running_var", Initializer.Ones, outChannels);
    }

    /// <summary>The convolution with the norm folded in; cached until a weight changes.</summary>
    public BiasedWeight Folded
    {
        get
        {
            lock (_gate)
            {
                int version = _weight.Version + _gain.Version + _bias.Version + _mean.Version + _variance.Version;
                if (_folded is { } folded && version == _foldedVersion)
                    return folded;
                (Tensor scale, Tensor shift) = ScaleAndShift();
                if (_weight.Quantized is { } quantized)
                {
                    _foldedVersion = version;
                    _folded = new BiasedWeight(
                        new Weight(quantized.Scaled(scale.Span), _weight.Shape, $"{_key}.weight"), new Weight(shift, $"{_key}.bias"));
                    return _folded.Value;
                }

                Tensor weight = Tensor.From(_weight.Value.Span, _weight.Shape);
                Span<float> w = weight.Span, s = scale.Span;
                int channels = s.Length, kernel = w.Length / channels;
                for (int i = 0; i < w.Length; i++)
                    w[i] *= _depthwise ? s[i % channels] : s[i / kernel];
                _foldedVersion = version;
                _folded = new BiasedWeight(new Weight(weight, $"{_key}.weight"), new Weight(shift, $"{_key}.bias"));
                return _folded.Value;
            }
        }
    }

    /// <summary>
    /// f(norm(conv(x)) + residual), with f GELU if <paramref name="gelu"/>. [B, H, W, in] to [B, H', W', out].
    /// </summary>
    /// <exception cref="ArgumentException">A residual is given to a
    /// folded convolution that is neither 1x1 nor depthwise.</exception>
    public Tensor Forward(Tensor x, bool gelu = false, Tensor? residual = null)
    {
        using Tape.LayerScope layer = Tape.Enter(_key);
        if (!Tape.Records || !_state.Training)
            return ForwardFolded(x, gelu, residual);
        Tensor convolved = _depthwise
            ? x.DepthwiseConv2d(_weight, _stride)
            : x.Conv2d(_weight, null, _stride, _padding);
        Tensor y = convolved.BatchNorm(
            _gain.Value, _bias.Value, Epsilon, gelu && residual is null, out float[] mean, out float[] variance,
            out long count);
        UpdateStatistics(mean, variance, count);
        if (residual is null)
            return y;
        y = y.Add(residual);
        return gelu ? y.Gelu() : y;
    }

    private Tensor ForwardFolded(Tensor x, bool gelu, Tensor? residual)
    {
        // An activation inside an op has no gradient.
        if (gelu && Tape.Records)
            return ForwardFolded(x, gelu: false, residual).Gelu();
        (Weight weight, Weight bias) = Folded;
        if (_depthwise)
        {
            Tensor y = x.DepthwiseConv2d(weight, _stride, bias, gelu && residual is null);
            if (residual is null)
                return y;
            y = y.Add(residual);
            return gelu ? y.Gelu() : y;
        }

        Activation activation = gelu ? Activation.Gelu : Activation.None;
        if (weight.Shape[1] == 1 && _stride == 1)
            return x.Linear(weight, bias, residual, activation);
        if (residual is not null)
            throw new ArgumentException("a residual is added to 1x1 and depthwise convolutions only", nameof(residual));
        return x.Conv2d(weight, bias, _stride, _padding, activation);
    }

    private void UpdateStatistics(float[] mean, float[] variance, long count)
    {
        Span<float> m = _mean.Value.Span, v = _variance.Value.Span;
        float unbiased = count > 1 ? count / (count - 1f) : 1f;
        for (int c = 0; c < m.Length; c++)
        {
            m[c] += Momentum * (mean[c] - m[c]);
            v[c] += Momentum * (variance[c] * unbiased - v[c]);
        }

        _mean.Changed();
        _variance.Changed();
    }

    private (Tensor Scale, Tensor Shift) ScaleAndShift()
    {
        int channels = (int)_gain.Value.Count;
        Tensor scale = Tensor.Zeros(channels), shift = Tensor.Zeros(channels);
        for (int c = 0; c < channels; c++)
        {
            scale.Span[c] = _gain.Value.Span[c] / MathF.Sqrt(_variance.Value.Span[c] + Epsilon);
            shift.Span[c] = _bias.Value.Span[c] - _mean.Value.Span[c] * scale.Span[c];
        }

        return (scale, shift);
    }
}
