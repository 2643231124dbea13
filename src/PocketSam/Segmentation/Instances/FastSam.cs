using PocketSam.Kernels.Ops;
using PocketSam.Models.Yolo;
using PocketSam.Segmentation.Instances;
using PocketSam.Tensors;

namespace PocketSam;

/// <summary>
/// FastSAM (arXiv:2306.12156): a YOLOv8-seg of one class that finds all objects of a picture at once; prompts select
/// among them. Loads the user's own files; none are shipped or downloaded (FastSAM's programs are under AGPL-3.0).
/// Immutable and safe for concurrent use.
/// </summary>
/// <example>
/// <code>
/// FastSam fast = FastSam.Load("FastSAM-s.pt");
/// FastSamResult found = fast.Segment(image);
/// GeneratedMask? cat = found.Select(Prompt.Point(520, 310));
/// </code>
/// </example>
public sealed class FastSam
{
    private readonly YoloSegmenter _network;

    private FastSam(YoloSegmenter network, string name) => (_network, Name) = (network, name);

    /// <summary>The file that it was loaded from.</summary>
    public string Name { get; }

    /// <summary><c>FastSAM-s</c>, <c>FastSAM-x</c>, or the name of the architecture.</summary>
    public string Architecture => _network.Config.Name;

    /// <summary>Number of learned values.</summary>
    public long Parameters => _network.Parameters;

    /// <summary>Bins in the distribution of a box side's distance: 16 in FastSAM-s, 26 in FastSAM-x.</summary>
    public int RegMax => _network.Config.RegMax;

    /// <summary>The network.</summary>
    internal YoloSegmenter Network => _network;

    /// <summary>Loads a model.</summary>
    /// <param name="path">A file of FastSAM or ultralytics (a pickled module of one class, which is read as data
    /// without running code), or its state dict as safetensors or by <c>torch.save</c>.</param>
    /// <exception cref="CheckpointFormatException">The file is no such model; the message says why.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static FastSam Load(string path)
    {
        using Checkpoint checkpoint = CheckpointFile.Read(path);
        return new FastSam(YoloSegmenter.FromCheckpoint(checkpoint), path);
    }

    /// <summary>Whether a checkpoint is a YOLOv8-seg; <see cref="Load"/> may still refuse it.</summary>
    public static bool Recognizes(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        return YoloConfig.IsYolo(checkpoint);
    }

    /// <summary>Multiply-adds of the network for an input of this size.</summary>
    /// <param name="width">Pixels in a row, a multiple of 32.</param>
    /// <param name="height">Rows, a multiple of 32.</param>
    public long MultiplyAdds(int width, int height) => _network.MultiplyAdds(width, height);

    /// <summary>Finds all objects of a picture.</summary>
    /// <param name="image">The picture, upright.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="progress">The fraction done, 0 to 1.</param>
    /// <param name="cancellation">Stops the computation between layers and masks.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="OperationCanceledException">The computation is cancelled.</exception>
    public FastSamResult Segment(
        RgbImage image, FastSamOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        options ??= new FastSamOptions();
        options.Validate();
        cancellation.ThrowIfCancellationRequested();
        var letterbox = Letterbox.For(image.Width, image.Height, options.ImageSize, options.Square);
        using Tape tape = Tape.Inference();
        YoloOutput output = Forward(letterbox, image, progress, observe: null, cancellation);
        List<Detection> kept = DetectionSearch.Run(output, options.Confidence, options.BoxNmsThresh, options.MaxMasks, cancellation);
        GeneratedMask[] masks = new InstanceMasks(output, letterbox, options.MaskRule).Make(kept, cancellation);
        return new FastSamResult(image.Width, image.Height, [.. masks.Where(mask => mask.Area > 0)]);
    }

    /// <summary><see cref="Segment"/> on a thread of the pool, for callers that must not block.</summary>
    /// <inheritdoc cref="Segment"/>
    public Task<FastSamResult> SegmentAsync(
        RgbImage image, FastSamOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellation = default)
        => Task.Run(() => Segment(image, options, progress, cancellation), cancellation);

    /// <summary>Wraps a network without copying it.</summary>
    internal static FastSam Over(YoloSegmenter network) => new(network, network.Config.Name);

    /// <summary>Runs the network; the output is in the innermost tape's memory.</summary>
    internal unsafe YoloOutput Forward(
        Letterbox letterbox, RgbImage image, IProgress<double>? progress, Action<string, FeatureMap>? observe, CancellationToken cancellation)
    {
        Tensor input = Tape.New([letterbox.InputHeight, letterbox.InputWidth, 3]);
        var map = new FeatureMap(input.Data, letterbox.InputHeight, letterbox.InputWidth, 3);
        Letterbox.ToMap(letterbox.Fill(image), map);
        return _network.Forward(map, progress, observe, cancellation);
    }
}
