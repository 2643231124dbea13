using System.Diagnostics;

namespace PocketSam.Training.Evaluation;

/// <summary>
/// Measures a mode of <see cref="MaskGenerator"/>: the best IoU of each ground-truth mask with any generated mask, the
/// number of generated masks, and the time.
/// </summary>
/// <param name="generator">Generates the masks.</param>
internal sealed class EverythingMode(MaskGenerator generator)
{
    private const string Iou = "/iou", Found = "/found", Seconds = "/seconds";

    /// <summary>The mode's name in lower case.</summary>
    public string Name { get; } = generator.Options.Mode.ToString().ToLowerInvariant();

    /// <summary>The options of the generator.</summary>
    public MaskGeneratorOptions Options => generator.Options;

    /// <summary>Both modes, with the model's own options.</summary>
    public static EverythingMode[] Both(Sam sam) =>
    [
        .. Enum.GetValues<MaskGeneratorMode>()
            .Select(mode => new EverythingMode(new MaskGenerator(sam, MaskGeneratorOptions.For(sam.Config) with { Mode = mode }))),
    ];

    /// <summary>Measures a picture.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="truths">The ground-truth masks, of the picture's size.</param>
    /// <param name="imageSize">Side of the model's input, in pixels; null for the model's own.</param>
    /// <param name="values">Receives the measured values by name.</param>
    /// <param name="cancellation">Checked before each batch of points.</param>
    /// <returns>For each ground-truth mask the generated mask with the best IoU; null if none overlaps it.</returns>
    public GeneratedMask?[] Measure(
        RgbImage picture, Rle[] truths, int? imageSize, Dictionary<string, double[]> values, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<GeneratedMask> found = generator.Generate(picture, imageSize, cancellation: cancellation);
        values[Name + Seconds] = [Stopwatch.GetElapsedTime(start).TotalSeconds];
        values[Name + Found] = [found.Count];
        (double Iou, GeneratedMask? Mask)[] closest = [.. truths.Select(truth => Closest(truth, found))];
        values[Name + Iou] = [.. closest.Select(one => one.Iou)];
        return [.. closest.Select(one => one.Mask)];
    }

    /// <summary>The best IoU of each ground-truth mask of a picture.</summary>
    /// <exception cref="DataFormatException">They are not in the record.</exception>
    public static double[] IousOf(string mode, PictureRecord record) => record.Read(mode + Iou, record.Count);

    /// <summary>The number of masks generated in a picture.</summary>
    /// <exception cref="DataFormatException">It is not in the record.</exception>
    public static double FoundIn(string mode, PictureRecord record) => record.Number(mode + Found);

    /// <summary>The time of a picture in seconds.</summary>
    /// <exception cref="DataFormatException">It is not in the record.</exception>
    public static double SecondsOf(string mode, PictureRecord record) => record.Number(mode + Seconds);

    /// <summary>The mean IoU over masks, and the mean number of masks and mean time over pictures.</summary>
    /// <exception cref="DataFormatException">A value is missing.</exception>
    public static EverythingResult Sum(string mode, IEnumerable<PictureRecord> records)
    {
        double found = 0, ious = 0, seconds = 0;
        int pictures = 0, masks = 0;
        foreach (PictureRecord record in records.Where(record => record.Count > 0))
        {
            ious += IousOf(mode, record).Sum();
            found += FoundIn(mode, record);
            seconds += SecondsOf(mode, record);
            masks += record.Count;
            pictures++;
        }

        return new EverythingResult(ious / masks, found / pictures, seconds / pictures);
    }

    private static (double Iou, GeneratedMask? Mask) Closest(Rle truth, IReadOnlyList<GeneratedMask> found)
    {
        (double Iou, GeneratedMask? Mask) best = (0, null);
        foreach (GeneratedMask mask in found)
        {
            double iou = Rle.Iou(mask.Segmentation, truth);
            if (iou > best.Iou)
                best = (iou, mask);
        }

        return best;
    }
}
