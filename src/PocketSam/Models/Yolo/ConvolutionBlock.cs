using PocketSam.Kernels;
using PocketSam.Kernels.Ops;
using PocketSam.Kernels.Products;
using PocketSam.Kernels.Vectors;
using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Models.Yolo;

/// <summary>
/// A convolution with batch norm and SiLU, or with a bias alone. The constructor folds the norm in: w' = w gain /
/// sqrt(var + eps), b' = bias - mean gain / sqrt(var + eps).
/// </summary>
internal sealed unsafe class ConvolutionBlock
{
    /// <summary>YOLOv8's epsilon, which is not PyTorch's 1e-5 and is not in a state dict.</summary>
    private const float Epsilon = 1e-3f;

    /// <summary>Channels below which patches are copied and Winograd's transform does not pay.</summary>
    private const int FewChannels = 16;

    private readonly string _key;
    private readonly int _kernel;
    private readonly int _stride;
    private readonly Activation _activation;
    private readonly PackedMatrix? _weights;
    private readonly WinogradWeights? _winograd;
    private readonly PackedMatrix? _ofCoarse;
    private readonly Tensor _bias;

    /// <param name="inChannels">Channels of the input.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="kernel">Side of the kernel, 1 or 3.</param>
    /// <param name="w">The scope of <c>conv</c> and <c>bn</c>, or of <c>weight</c> and <c>bias</c>.</param>
    /// <param name="stride">Stride, 1 or 2.</param>
    /// <param name="coarse">For a 1x1 convolution: the number of leading input channels that come from a map of half
    /// the size, which is enlarged by repeating pixels.</param>
    /// <param name="isPlain">Whether there is a bias alone, without norm and activation.</param>
    public ConvolutionBlock(
        int inChannels, int outChannels, int kernel, Weights w, int stride = 1, int coarse = 0, bool isPlain = false)
    {
        (_key, _kernel, _stride) = (w.Key, kernel, stride);
        _activation = isPlain ? Activation.None : Activation.Silu;
        Weight weight = (isPlain ? w : w["conv"]).Convolution(outChannels, kernel, inChannels, isProduct: false);
        float[] scale = new float[outChannels];
        if (isPlain)
        {
            _bias = w.Get("bias", Initializer.Zeros, decays: false, outChannels).Value;
            Array.Fill(scale, 1f);
        }
        else
        {
            Weights bn = w["bn"];
            Weight gain = bn.Get("weight", Initializer.Ones, decays: false, outChannels);
            Weight shift = bn.Get("bias", Initializer.Zeros, decays: false, outChannels);
            Weight mean = bn.Fixed("running_mean", Initializer.Zeros, outChannels);
            Weight variance = bn.Fixed("running_var", Initializer.Ones, outChannels);
            _bias = Tensor.Zeros(outChannels);
            for (int c = 0; c < outChannels; c++)
            {
                scale[c] = gain.Span[c] / MathF.Sqrt(variance.Span[c] + Epsilon);
                _bias.Span[c] = shift.Span[c] - mean.Span[c] * scale[c];
            }
        }

        int depth = kernel * kernel * inChannels;
        Span<float> values = weight.Span;
        for (int i = 0; i < values.Length; i++)
            values[i] *= scale[i / depth];
        float* data = weight.Value.Data;
        if (coarse > 0)
            _ofCoarse = PackedMatrix.From(data, 1, depth, coarse, outChannels);
        if (kernel == 3 && stride == 1 && inChannels >= FewChannels && outChannels >= FewChannels)
            _winograd = WinogradWeights.From(data, inChannels, outChannels);
        else
            _weights = PackedMatrix.From(data + coarse, 1, depth, depth - coarse, outChannels);
        weight.Value.Buffer.Free();
        OutChannels = outChannels;
        MultiplyAdds = (long)coarse * outChannels / 4 + (long)(depth - coarse) * outChannels;
    }

    public int OutChannels { get; }

    /// <summary>
    /// Multiply-adds for each output pixel of the direct convolution; <see cref="WinogradKernel"/> takes four ninths.
    /// </summary>
    public long MultiplyAdds { get; }

    /// <summary>Computes the output in a map of its own.</summary>
    public FeatureMap Forward(FeatureMap x, YoloRun run)
    {
        FeatureMap y = run.New((x.Height + _stride - 1) / _stride, (x.Width + _stride - 1) / _stride, OutChannels);
        Forward(x, y, run);
        return y;
    }

    /// <summary>Computes the output in <paramref name="y"/>.</summary>
    /// <param name="x">The input.</param>
    /// <param name="y">The output.</param>
    /// <param name="run">The forward pass.</param>
    /// <param name="residual">Added after the activation, of the
    /// output's size; may be a part of the input. Null for none.</param>
    /// <param name="coarse">The map of half the size, if the layer has one.</param>
    public void Forward(FeatureMap x, FeatureMap y, YoloRun run, FeatureMap? residual = null, FeatureMap? coarse = null)
    {
        if (_kernel == 1)
            Pointwise(x, y, run, coarse);
        else if (_winograd is not null)
            Winograd(x, y, residual);
        else if (x.Channels < FewChannels && x.Stride == x.Channels && y.Stride == y.Channels && residual is null)
            Patches(x, y);
        else
            Bands(x, y, residual);
        GC.KeepAlive(this);
        run.Done(_key, y);
    }

    private void Pointwise(FeatureMap x, FeatureMap y, YoloRun run, FeatureMap? coarse)
    {
        if (coarse is { } half)
        {
            // A 1x1 convolution of repeated pixels is the repeated
            // convolution of the pixels: a quarter of the products.
            FeatureMap sums = run.New(half.Height, half.Width, OutChannels);
            new Gemm(half.Data, half.Stride, _ofCoarse!, sums.Data, sums.Stride, sums.Pixels).Run();
            Repeat(sums, y);
            run.Release(sums);
        }

        new Gemm(x.Data, x.Stride, _weights!, y.Data, y.Stride, y.Pixels)
        {
            Accumulate = coarse is not null,
            Bias = _bias.Data,
            Activation = _activation,
        }.Run();
    }

    private void Patches(FeatureMap x, FeatureMap y) => new ConvolutionKernel
    {
        Patches = new Im2ColKernel
        {
            Batch = 1, Height = x.Height, Width = x.Width, Channels = x.Channels, Kernel = _kernel, Stride = _stride, Padding = 1,
        },
        X = x.Data,
        Weights = _weights!,
        Bias = _bias.Data,
        Activation = _activation,
        Y = y.Data,
    }.Run();

    private void Winograd(FeatureMap x, FeatureMap y, FeatureMap? residual) => new WinogradKernel
    {
        X = x,
        Weights = _winograd!,
        Bias = _bias.Data,
        Activation = _activation,
        Residual = residual is { } map ? map.Data : null,
        ResidualStride = residual?.Stride ?? 0,
        Y = y,
    }.Run();

    private void Bands(FeatureMap x, FeatureMap y, FeatureMap? residual) => new BandConvolutionKernel
    {
        X = x,
        Stride = _stride,
        Weights = _weights!,
        Bias = _bias.Data,
        Activation = _activation,
        Residual = residual is { } map ? map.Data : null,
        ResidualStride = residual?.Stride ?? 0,
        Y = y,
    }.Run();

    /// <summary>Repeats each pixel of <paramref name="x"/> in a square of four.</summary>
    private static void Repeat(FeatureMap x, FeatureMap y)
        => Workers.ForRange(y.Height, Math.Max(1, 16_384 / (y.Width * y.Channels)), (start, end) =>
        {
            for (int row = start; row < end; row++)
            {
                for (int column = 0; column < y.Width; column++)
                {
                    float* source = x.Data + ((nint)(row / 2) * x.Width + column / 2) * x.Stride;
                    float* target = y.Data + ((nint)row * y.Width + column) * y.Stride;
                    new Span<float>(source, y.Channels).CopyTo(new Span<float>(target, y.Channels));
                }
            }
        });
}
