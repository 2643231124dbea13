using System.Diagnostics;
using System.Globalization;

namespace PocketSam.Training.Evaluation;

/// <summary>
/// Compares hierarchical with dense everything mode (TinySAM, Table 2): the IoU of each ground-truth mask with the best
/// generated mask, and the time per picture. Both modes run on each picture, and take turns in running first, so that a
/// slow spell of the machine affects both.
/// </summary>
/// <remarks>
/// The paper does not state how its mean IoU is computed; here it is the best IoU of each ground-truth mask, averaged
/// over masks. Crowds are skipped. Thresholds are the model's own, and the grid has 32 points per side. The time
/// includes encoding, mask decoding and post-processing.
/// </remarks>
public static class EverythingMeasure
{
    /// <summary>Measures a model.</summary>
    /// <param name="sam">The model.</param>
    /// <param name="reader">Decodes the pictures.</param>
    /// <param name="data">Pictures and their masks.</param>
    /// <param name="options">The pictures and masks to measure, and the grid.</param>
    /// <param name="progress">Reports each picture.</param>
    /// <param name="cancellation">Checked before each picture and each batch of points.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="IOException">A picture is missing, has another size or cannot be read, or there is no mask to
    /// measure.</exception>
    /// <exception cref="OperationCanceledException">The run is cancelled.</exception>
    public static MeasureReport Run(
        Sam sam, PictureReader reader, CocoDataset data, MeasureOptions options,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sam);
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        long start = Stopwatch.GetTimestamp();
        Mode[] modes =
        [
            .. new[] { MaskGeneratorMode.Dense, MaskGeneratorMode.Hierarchical }.Select(mode => new Mode(
                mode, new MaskGenerator(sam, MaskGeneratorOptions.For(sam.Config) with
                {
                    Mode = mode, PointsPerSide = options.PointsPerSide ?? 32,
                }))),
        ];
        var cases = new CaseCollector();
        int turn = 0;
        var loop = EvaluationLoop.Of(reader, options);
        (int pictures, int masks) = loop.Run(
            data,
            (image, picture, truths) =>
            {
                Rle[] wanted = [.. truths.Select(Rle.Encode)];
                foreach (Mode mode in turn++ % 2 == 0 ? modes : [.. modes.Reverse()])
                {
                    IReadOnlyList<GeneratedMask> found = mode.Generate(picture, options.ImageSize, cancellation);
                    foreach (Rle truth in wanted)
                    {
                        (double iou, GeneratedMask? best) = Closest(truth, found);
                        mode.Add(truth.Area, iou);
                        if (mode.Kind == MaskGeneratorMode.Hierarchical)
                        {
                            cases.Add(image.Path, iou, () => new EvaluationCase(image.Path, "hierarchical mode", iou)
                            {
                                Truth = truth, Found = best?.Segmentation,
                            });
                        }
                    }
                }
            },
            progress, cancellation);
        MaskGeneratorOptions asked = modes[0].Generator.Options;
        return new MeasureReport(
            "everything-miou", sam.Name, data.Path,
            new Dictionary<string, string>
            {
                ["points a side"] = asked.PointsPerSide.ToString(CultureInfo.InvariantCulture),
                ["predicted IoU, stability"] = string.Create(
                    CultureInfo.InvariantCulture, $"above {asked.PredIouThresh}, at least {asked.StabilityScoreThresh}"),
                ["hierarchical"] = string.Create(
                    CultureInfo.InvariantCulture, $"logit above {asked.HighScoreThresh} of {asked.HighScoreVotes} coarse points"),
                ["a mask's IoU"] = "the best of all masks found",
                ["masks"] = masks.ToString(CultureInfo.InvariantCulture),
            },
            [
                new MeasureTable(
                    "everything mode",
                    ["mean IoU", "small", "medium", "large", "found at IoU 0.5", "masks a picture", "seconds a picture"],
                    [.. modes.Select(mode => mode.ToRow(pictures))]),
                new MeasureTable(
                    "hierarchical over dense", ["mean IoU", "time"],
                    [new("ratio", [Ratio(mode => mode.MeanIou), Ratio(mode => mode.Seconds)])]),
            ])
        {
            Images = pictures, Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, Best = cases.Best, Worst = cases.Worst,
        };

        double? Ratio(Func<Mode, double> value) => value(modes[0]) > 0 ? value(modes[1]) / value(modes[0]) : null;
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

    private sealed class Mode(MaskGeneratorMode kind, MaskGenerator generator)
    {
        private readonly double[] _ious = new double[SizeClass.Names.Length];
        private readonly int[] _counts = new int[SizeClass.Names.Length];
        private int _half;
        private int _found;

        public MaskGeneratorMode Kind { get; } = kind;

        public MaskGenerator Generator { get; } = generator;

        public double Seconds { get; private set; }

        public double MeanIou => _ious.Sum() / _counts.Sum();

        public IReadOnlyList<GeneratedMask> Generate(RgbImage picture, int? imageSize, CancellationToken cancellation)
        {
            long start = Stopwatch.GetTimestamp();
            IReadOnlyList<GeneratedMask> found = Generator.Generate(picture, imageSize, cancellation: cancellation);
            Seconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
            _found += found.Count;
            return found;
        }

        public void Add(int area, double iou)
        {
            int size = SizeClass.Of(area);
            _ious[size] += iou;
            _counts[size]++;
            _half += iou >= 0.5 ? 1 : 0;
        }

        public MeasureRow ToRow(int pictures) => new(
            Kind.ToString().ToLowerInvariant(),
            [
                MeanIou, .. _ious.Zip(_counts).Select(pair => pair.Second == 0 ? (double?)null : pair.First / pair.Second),
                (double)_half / _counts.Sum(), (double)_found / pictures, Seconds / pictures,
            ]);
    }
}
