using PocketSam.Kernels.Ops;
using PocketSam.Layers;

namespace PocketSam.Models.Yolo;

/// <summary>
/// YOLOv8's C2f block. A 1x1 convolution gives two halves; a chain of bottlenecks (two 3x3 convolutions each, plus the
/// input with a shortcut) continues from the second; a 1x1 convolution joins the halves and the output of each
/// bottleneck. All are slices of one map.
/// </summary>
internal sealed class C2f
{
    private readonly string _key;
    private readonly int _half;
    private readonly bool _shortcut;
    private readonly ConvolutionBlock _first;
    private readonly ConvolutionBlock _last;
    private readonly (string Key, ConvolutionBlock First, ConvolutionBlock Second)[] _bottlenecks;

    /// <param name="inChannels">Channels of the input, including those of a coarse map.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="repeats">Number of bottlenecks.</param>
    /// <param name="shortcut">Whether each bottleneck adds its input.</param>
    /// <param name="w">The scope of its weights.</param>
    /// <param name="coarse">Channels of a map of half the size, as in <see cref="ConvolutionBlock"/>.</param>
    public C2f(int inChannels, int outChannels, int repeats, bool shortcut, Weights w, int coarse = 0)
    {
        _key = w.Key;
        _half = outChannels / 2;
        _shortcut = shortcut;
        _first = new ConvolutionBlock(inChannels, 2 * _half, 1, w["cv1"], coarse: coarse);
        _bottlenecks =
        [
            .. Enumerable.Range(0, repeats).Select(i => (
                w["m"][i].Key, new ConvolutionBlock(_half, _half, 3, w["m"][i]["cv1"]), new ConvolutionBlock(_half, _half, 3, w["m"][i]["cv2"]))),
        ];
        _last = new ConvolutionBlock((2 + repeats) * _half, outChannels, 1, w["cv2"]);
    }

    /// <summary>Multiply-adds for each pixel.</summary>
    public long MultiplyAdds
        => _first.MultiplyAdds + _last.MultiplyAdds + _bottlenecks.Sum(b => b.First.MultiplyAdds + b.Second.MultiplyAdds);

    /// <summary>Computes the output in a map of its own.</summary>
    public FeatureMap Forward(FeatureMap x, YoloRun run)
    {
        FeatureMap y = run.New(x.Height, x.Width, _last.OutChannels);
        Forward(x, y, run);
        return y;
    }

    /// <summary>
    /// Computes the output in <paramref name="y"/>; parameters as for <see cref="ConvolutionBlock"/>.
    /// </summary>
    public void Forward(FeatureMap x, FeatureMap y, YoloRun run, FeatureMap? coarse = null)
    {
        FeatureMap all = run.New(x.Height, x.Width, (2 + _bottlenecks.Length) * _half);
        _first.Forward(x, all.Slice(0, 2 * _half), run, coarse: coarse);
        for (int i = 0; i < _bottlenecks.Length; i++)
        {
            FeatureMap before = all.Slice((1 + i) * _half, _half), after = all.Slice((2 + i) * _half, _half);
            FeatureMap hidden = _bottlenecks[i].First.Forward(before, run);
            _bottlenecks[i].Second.Forward(hidden, after, run, residual: _shortcut ? before : null);
            run.Release(hidden);
            run.Done(_bottlenecks[i].Key, after);
        }

        _last.Forward(all, y, run);
        run.Release(all);
        run.Done(_key, y);
    }
}
