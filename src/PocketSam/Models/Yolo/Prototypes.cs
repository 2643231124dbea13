using PocketSam.Kernels;
using PocketSam.Kernels.Ops;
using PocketSam.Kernels.Products;
using PocketSam.Layers;
using PocketSam.Tensors;

namespace PocketSam.Models.Yolo;

/// <summary>
/// YOLOv8-seg's branch of mask prototypes: 3x3 convolution,
/// transposed convolution to twice the size, 3x3 and 1x1 convolution.
/// </summary>
internal sealed unsafe class Prototypes
{
    private readonly string _key;
    private readonly ConvolutionBlock _first;
    private readonly ConvolutionBlock _second;
    private readonly ConvolutionBlock _third;
    private readonly PackedMatrix _upper;
    private readonly PackedMatrix _lower;
    private readonly Tensor _bias;

    public Prototypes(int inChannels, int channels, int outChannels, Weights w)
    {
        _key = w.Key;
        _first = new ConvolutionBlock(inChannels, channels, 3, w["cv1"]);
        Weights up = w["upsample"];
        Weight weight = up.TransposedConvolution(channels, channels);
        Weight bias = up.Get("bias", Initializer.Zeros, decays: false, channels);

        // Rows of weights are ordered (row, column, channel) of a
        // pixel's 2x2 result: the upper two pixels, then the lower two.
        float* data = weight.Value.Data;
        _upper = PackedMatrix.From(data, 1, channels, channels, 2 * channels);
        _lower = PackedMatrix.From(data + (nint)2 * channels * channels, 1, channels, channels, 2 * channels);
        weight.Value.Buffer.Free();
        _bias = Tensor.From([.. bias.Span, .. bias.Span], 2 * channels);
        _second = new ConvolutionBlock(channels, channels, 3, w["cv2"]);
        _third = new ConvolutionBlock(channels, outChannels, 1, w["cv3"]);
        MultiplyAdds = _first.MultiplyAdds + 4 * ((long)channels * channels + _second.MultiplyAdds + _third.MultiplyAdds);
    }

    /// <summary>Multiply-adds for each pixel of the input.</summary>
    public long MultiplyAdds { get; }

    public FeatureMap Forward(FeatureMap x, YoloRun run)
    {
        FeatureMap first = _first.Forward(x, run);
        FeatureMap large = run.New(2 * x.Height, 2 * x.Width, first.Channels);
        Workers.For(large.Height, line =>
        {
            new Gemm(
                first.Data + (nint)(line / 2) * first.Width * first.Stride, first.Stride, line % 2 == 0 ? _upper : _lower,
                large.Data + (nint)line * large.Width * large.Stride, 2 * large.Stride, first.Width)
            {
                Bias = _bias.Data,
            }.RunHere();
        });
        GC.KeepAlive(this);
        run.Release(first);
        run.Done($"{_key}.upsample", large);
        FeatureMap second = _second.Forward(large, run);
        run.Release(large);
        FeatureMap y = _third.Forward(second, run);
        run.Release(second);
        run.Done(_key, y);
        return y;
    }
}
