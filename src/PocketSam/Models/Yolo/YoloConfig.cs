using System.Globalization;

namespace PocketSam.Models.Yolo;

/// <summary>
/// Sizes of a YOLOv8-seg of one class (FastSAM, arXiv:2306.12156), which follow from the shapes of its tensors.
/// FastSAM-s and FastSAM-x also differ in <see cref="RegMax"/>.
/// </summary>
internal sealed record YoloConfig
{
    private const string ClassKey = "22.cv3.0.2.weight";
    private const string ProtoKey = "22.proto.cv3.conv.weight";

    /// <summary>Limits far beyond the largest model.</summary>
    private const int MostChannels = 4096, MostRepeats = 64;

    /// <summary>Most bins of a box side, one for each cell of distance.</summary>
    private const int MostBins = 256;

    /// <summary>FastSAM-s, the small released model.</summary>
    public static YoloConfig FastSamS { get; } = new()
    {
        Widths = [32, 64, 128, 256, 512], ShortRepeats = 1, LongRepeats = 2, RegMax = 16, ProtoChannels = 128, MaskChannels = 32,
    };

    /// <summary>FastSAM-x, the large released model.</summary>
    public static YoloConfig FastSamX { get; } = new()
    {
        Widths = [80, 160, 320, 640, 640], ShortRepeats = 3, LongRepeats = 6, RegMax = 26, ProtoChannels = 320, MaskChannels = 32,
    };

    /// <summary>Channels at strides 2, 4, 8, 16 and 32.</summary>
    public required int[] Widths { get; init; }

    /// <summary>Bottlenecks in blocks 2, 8, 12, 15, 18 and 21.</summary>
    public required int ShortRepeats { get; init; }

    /// <summary>Bottlenecks in blocks 4 and 6.</summary>
    public required int LongRepeats { get; init; }

    /// <summary>Bins in the distribution of a box side's distance, in cells.</summary>
    public required int RegMax { get; init; }

    /// <summary>Hidden channels of the prototype branch.</summary>
    public required int ProtoChannels { get; init; }

    /// <summary>Number of prototypes, which is that of a mask's coefficients.</summary>
    public required int MaskChannels { get; init; }

    /// <summary>Hidden channels of the three branches of the head.</summary>
    public int BoxHidden => Math.Max(16, Math.Max(Widths[2] / 4, 4 * RegMax));

    public int ClassHidden => Math.Max(Widths[2], 1);

    public int CoefficientHidden => Math.Max(Widths[2] / 4, MaskChannels);

    /// <summary>Name of the released model of these sizes, otherwise of the architecture.</summary>
    public string Name => Same(FastSamS) ? "FastSAM-s" : Same(FastSamX) ? "FastSAM-x" : "YOLOv8-seg of one class";

    /// <summary>Whether a checkpoint is a YOLOv8-seg, of any number of classes.</summary>
    public static bool IsYolo(Checkpoint checkpoint)
        => checkpoint.Tensors.ContainsKey(ClassKey) && checkpoint.Tensors.ContainsKey(ProtoKey);

    /// <summary>The sizes of a checkpoint's model.</summary>
    /// <exception cref="CheckpointFormatException">The checkpoint is no
    /// YOLOv8-seg, has several classes, or has invalid shapes.</exception>
    public static YoloConfig FromCheckpoint(Checkpoint checkpoint)
    {
        if (!IsYolo(checkpoint))
        {
            throw new CheckpointFormatException(
                checkpoint.Source, $"no FastSAM: it has none of YOLOv8-seg's tensors {ClassKey} and {ProtoKey}");
        }

        int classes = Size(checkpoint, ClassKey, 0);
        if (classes != 1)
        {
            throw new CheckpointFormatException(
                checkpoint.Source, $"a YOLOv8-seg of {classes} classes; FastSAM has one, 'object', and only such files are read");
        }

        int boxRows = Size(checkpoint, "22.cv2.0.2.weight", 0);
        if (boxRows % 4 != 0 || boxRows / 4 > MostBins)
            throw new CheckpointFormatException(checkpoint.Source, $"tensor 22.cv2.0.2.weight: {boxRows} rows are not four sides of at most {MostBins} bins");
        return new YoloConfig
        {
            Widths = [.. new[] { 0, 1, 3, 5, 7 }.Select(layer => Size(checkpoint, $"{layer}.conv.weight", 0))],
            ShortRepeats = Repeats(checkpoint, "2.m."),
            LongRepeats = Repeats(checkpoint, "4.m."),
            RegMax = boxRows / 4,
            ProtoChannels = Size(checkpoint, "22.proto.cv1.conv.weight", 0),
            MaskChannels = Size(checkpoint, ProtoKey, 0),
        };
    }

    private static int Size(Checkpoint checkpoint, string key, int dimension)
    {
        if (!checkpoint.Tensors.TryGetValue(key, out StoredTensor? tensor))
            throw new CheckpointFormatException(checkpoint.Source, $"tensor {key} is missing");
        if (tensor.Shape.Count != 4 || tensor.Shape.Any(size => size is < 1 or > MostChannels))
        {
            throw new CheckpointFormatException(
                checkpoint.Source, $"tensor {key}: shape [{string.Join(", ", tensor.Shape)}] is that of no convolution of a YOLOv8-seg");
        }

        return tensor.Shape[dimension];
    }

    /// <summary>
    /// One more than the highest number between the prefix and a dot.
    /// A gap in the numbers is reported later, as missing keys.
    /// </summary>
    private static int Repeats(Checkpoint checkpoint, string prefix)
        => checkpoint.Tensors.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(key => int.TryParse(key[prefix.Length..].Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int i)
                ? Math.Min(i, MostRepeats) + 1 : 0)
            .DefaultIfEmpty(0).Max();

    private bool Same(YoloConfig other)
        => Widths.SequenceEqual(other.Widths)
            && (ShortRepeats, LongRepeats, RegMax, ProtoChannels, MaskChannels)
                == (other.ShortRepeats, other.LongRepeats, other.RegMax, other.ProtoChannels, other.MaskChannels);
}
