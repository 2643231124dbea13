using PocketSam.Kernels.Ops;
using PocketSam.Layers;

namespace PocketSam.Models.Yolo;

/// <summary>
/// YOLOv8's SPPF block: a 1x1 convolution to half the channels, a chain of three 5x5 max poolings, and a 1x1
/// convolution over the four maps, which are slices of one map.
/// </summary>
internal sealed class Sppf(int inChannels, int outChannels, Weights w)
{
    private const int Maps = 4;

    private readonly string _key = w.Key;
    private readonly int _half = inChannels / 2;
    private readonly ConvolutionBlock _first = new(inChannels, inChannels / 2, 1, w["cv1"]);
    private readonly ConvolutionBlock _last = new(Maps * (inChannels / 2), outChannels, 1, w["cv2"]);

    /// <summary>Multiply-adds for each pixel.</summary>
    public long MultiplyAdds => _first.MultiplyAdds + _last.MultiplyAdds;

    public void Forward(FeatureMap x, FeatureMap y, YoloRun run)
    {
        FeatureMap all = run.New(x.Height, x.Width, Maps * _half);
        _first.Forward(x, all.Slice(0, _half), run);
        for (int i = 1; i < Maps; i++)
            new MaxPoolKernel { X = all.Slice((i - 1) * _half, _half), Y = all.Slice(i * _half, _half) }.Run();
        _last.Forward(all, y, run);
        run.Release(all);
        run.Done(_key, y);
    }
}
