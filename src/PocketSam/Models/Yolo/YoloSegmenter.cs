using PocketSam.Kernels.Ops;
using PocketSam.Layers;

namespace PocketSam.Models.Yolo;

/// <summary>
/// YOLOv8-seg of one class: backbone, top-down and bottom-up paths between three
/// strides, and a head for boxes, scores, coefficients and prototypes (FastSAM,
/// arXiv:2306.12156; layers are numbered as in its state dict). For inference only.
/// </summary>
internal sealed unsafe class YoloSegmenter
{
    /// <summary>Sides of the input are multiples of this number of pixels.</summary>
    public const int Stride = 32;

    private readonly ConvolutionBlock _conv0, _conv1, _conv3, _conv5, _conv7, _conv16, _conv19;
    private readonly C2f _block2, _block4, _block6, _block8, _block12, _block15, _block18, _block21;
    private readonly Sppf _sppf9;
    private readonly Branch[] _boxes, _classes, _coefficients;
    private readonly Prototypes _prototypes;
    private readonly float[] _bins;

    private YoloSegmenter(YoloConfig config, StateDict state)
    {
        Config = config;
        int[] c = config.Widths;
        int few = config.ShortRepeats, many = config.LongRepeats;
        Weights w = state.Root;
        _conv0 = new ConvolutionBlock(3, c[0], 3, w[0], stride: 2);
        _conv1 = new ConvolutionBlock(c[0], c[1], 3, w[1], stride: 2);
        _block2 = new C2f(c[1], c[1], few, shortcut: true, w[2]);
        _conv3 = new ConvolutionBlock(c[1], c[2], 3, w[3], stride: 2);
        _block4 = new C2f(c[2], c[2], many, shortcut: true, w[4]);
        _conv5 = new ConvolutionBlock(c[2], c[3], 3, w[5], stride: 2);
        _block6 = new C2f(c[3], c[3], many, shortcut: true, w[6]);
        _conv7 = new ConvolutionBlock(c[3], c[4], 3, w[7], stride: 2);
        _block8 = new C2f(c[4], c[4], few, shortcut: true, w[8]);
        _sppf9 = new Sppf(c[4], c[4], w[9]);

        // Layers 10, 11, 13 and 14 upsample and concatenate; the 1x1 convolutions after them read both maps in place.
        _block12 = new C2f(c[4] + c[3], c[3], few, shortcut: false, w[12], coarse: c[4]);
        _block15 = new C2f(c[3] + c[2], c[2], few, shortcut: false, w[15], coarse: c[3]);
        _conv16 = new ConvolutionBlock(c[2], c[2], 3, w[16], stride: 2);
        _block18 = new C2f(c[2] + c[3], c[3], few, shortcut: false, w[18]);
        _conv19 = new ConvolutionBlock(c[3], c[3], 3, w[19], stride: 2);
        _block21 = new C2f(c[3] + c[4], c[4], few, shortcut: false, w[21]);

        Weights head = w[22];
        int[] levels = [c[2], c[3], c[4]];
        _boxes = [.. levels.Select((channels, i) => new Branch(channels, config.BoxHidden, 4 * config.RegMax, head["cv2"][i]))];
        _classes = [.. levels.Select((channels, i) => new Branch(channels, config.ClassHidden, 1, head["cv3"][i]))];
        _coefficients =
            [.. levels.Select((channels, i) => new Branch(channels, config.CoefficientHidden, config.MaskChannels, head["cv4"][i]))];
        _bins = head["dfl"]["conv"].Get("weight", Initializer.Zeros, decays: false, 1, config.RegMax, 1, 1).Span.ToArray();
        _prototypes = new Prototypes(c[2], config.ProtoChannels, config.MaskChannels, head["proto"]);
        Parameters = state.Entries.Where(e => e.Trainable).Sum(e => (long)e.Weight.Count);
    }

    public YoloConfig Config { get; }

    /// <summary>Number of trained values.</summary>
    public long Parameters { get; }

    /// <summary>A model from a checkpoint.</summary>
    /// <exception cref="CheckpointFormatException">The checkpoint is no YOLOv8-seg of one class.</exception>
    public static YoloSegmenter FromCheckpoint(Checkpoint checkpoint)
    {
        StateDict state = StateDict.FromCheckpoint(checkpoint, isFrozen: true);
        var model = new YoloSegmenter(YoloConfig.FromCheckpoint(checkpoint), state);
        state.RefuseUnknownKeys(key => key.EndsWith("num_batches_tracked", StringComparison.Ordinal));
        return model;
    }

    /// <summary>A model with initial values, for benchmarks.</summary>
    public static YoloSegmenter Create(YoloConfig config, int seed) => new(config, StateDict.FromSeed(seed));

    /// <summary>Multiply-adds for an input of this size in pixels, as computed here.</summary>
    public long MultiplyAdds(int width, int height)
    {
        long At(int stride) => (long)(width / stride) * (height / stride);
        long Head(int level) => _boxes[level].MultiplyAdds + _classes[level].MultiplyAdds + _coefficients[level].MultiplyAdds;
        return At(2) * _conv0.MultiplyAdds + At(4) * (_conv1.MultiplyAdds + _block2.MultiplyAdds)
            + At(8) * (_conv3.MultiplyAdds + _block4.MultiplyAdds + _block15.MultiplyAdds + Head(0) + _prototypes.MultiplyAdds)
            + At(16) * (_conv5.MultiplyAdds + _block6.MultiplyAdds + _block12.MultiplyAdds + _conv16.MultiplyAdds + _block18.MultiplyAdds + Head(1))
            + At(32) * (_conv7.MultiplyAdds + _block8.MultiplyAdds + _sppf9.MultiplyAdds + _conv19.MultiplyAdds + _block21.MultiplyAdds + Head(2));
    }

    /// <summary>Runs the network; the output is in the innermost tape's memory.</summary>
    /// <param name="x"><c>[H, W, 3]</c>, RGB from 0 to 1; H and W are multiples of <see cref="Stride"/>.</param>
    /// <param name="progress">The fraction of layers done, 0 to 1.</param>
    /// <param name="observe">Receives the key and output of each layer.</param>
    /// <param name="cancellation">Checked after each layer.</param>
    /// <exception cref="ArgumentException">The input has another number of channels, or a side that is no multiple of
    /// <see cref="Stride"/>.</exception>
    public YoloOutput Forward(
        FeatureMap x, IProgress<double>? progress = null, Action<string, FeatureMap>? observe = null,
        CancellationToken cancellation = default)
    {
        if (x.Height % Stride != 0 || x.Width % Stride != 0 || x.Channels != 3)
            throw new ArgumentException($"an input of {x.Width}x{x.Height} whose sides are no multiples of {Stride}", nameof(x));
        int[] c = Config.Widths;
        int layers = 60 + 3 * (6 * Config.ShortRepeats + 2 * Config.LongRepeats);
        var run = new YoloRun(layers, progress, observe, cancellation);
        int h8 = x.Height / 8, w8 = x.Width / 8, h16 = h8 / 2, w16 = w8 / 2, h32 = h16 / 2, w32 = w16 / 2;

        FeatureMap half = _conv0.Forward(x, run), quarter = _conv1.Forward(half, run);
        run.Release(half);
        FeatureMap map2 = _block2.Forward(quarter, run);
        run.Release(quarter);
        FeatureMap map3 = _conv3.Forward(map2, run);
        run.Release(map2);
        FeatureMap map4 = _block4.Forward(map3, run), map5 = _conv5.Forward(map4, run);
        run.Release(map3);
        FeatureMap map6 = _block6.Forward(map5, run), map7 = _conv7.Forward(map6, run);
        run.Release(map5);
        FeatureMap map8 = _block8.Forward(map7, run);
        run.Release(map7);

        // Maps 17 and 20 concatenate a bottom-up map with one of the top-down path, which is written in place.
        FeatureMap map17 = run.New(h16, w16, c[2] + c[3]), map20 = run.New(h32, w32, c[3] + c[4]);
        FeatureMap map9 = map20.Slice(c[3], c[4]), map12 = map17.Slice(c[2], c[3]);
        _sppf9.Forward(map8, map9, run);
        run.Release(map8);
        _block12.Forward(map6, map12, run, coarse: map9);
        run.Release(map6);
        FeatureMap map15 = run.New(h8, w8, c[2]);
        _block15.Forward(map4, map15, run, coarse: map12);
        run.Release(map4);
        _conv16.Forward(map15, map17.Slice(0, c[2]), run);
        FeatureMap map18 = _block18.Forward(map17, run);
        _conv19.Forward(map18, map20.Slice(0, c[3]), run);
        FeatureMap map21 = _block21.Forward(map20, run);

        FeatureMap[] levels = [map15, map18, map21];
        int anchors = levels.Sum(level => level.Pixels);
        FeatureMap boxes = run.New(anchors, 1, 4 * Config.RegMax), classes = run.New(anchors, 1, 1);
        FeatureMap coefficients = run.New(anchors, 1, Config.MaskChannels);
        for (int level = 0, first = 0; level < levels.Length; first += levels[level++].Pixels)
        {
            _boxes[level].Forward(levels[level], Part(boxes, first, levels[level]), run);
            _classes[level].Forward(levels[level], Part(classes, first, levels[level]), run);
            _coefficients[level].Forward(levels[level], Part(coefficients, first, levels[level]), run);
        }

        FeatureMap prototypes = _prototypes.Forward(map15, run);
        progress?.Report(1);
        return new YoloOutput(x.Height, x.Width, boxes, classes, coefficients, prototypes, _bins);
    }

    /// <summary>The anchors of a level as a picture.</summary>
    private static FeatureMap Part(FeatureMap all, int first, FeatureMap level)
        => new(all.Data + (nint)first * all.Stride, level.Height, level.Width, all.Channels);

    /// <summary>A branch of the head: two 3x3 convolutions and a 1x1 one with a bias.</summary>
    private sealed class Branch(int inChannels, int hidden, int outChannels, Weights w)
    {
        private readonly ConvolutionBlock _first = new(inChannels, hidden, 3, w[0]);
        private readonly ConvolutionBlock _second = new(hidden, hidden, 3, w[1]);
        private readonly ConvolutionBlock _last = new(hidden, outChannels, 1, w[2], isPlain: true);

        public long MultiplyAdds => _first.MultiplyAdds + _second.MultiplyAdds + _last.MultiplyAdds;

        public void Forward(FeatureMap x, FeatureMap y, YoloRun run)
        {
            FeatureMap first = _first.Forward(x, run), second = _second.Forward(first, run);
            run.Release(first);
            _last.Forward(second, y, run);
            run.Release(second);
        }
    }
}
