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
    private const string Name = "everything-miou", Thresholds = "predicted IoU, stability", Hierarchical = "hierarchical";

    /// <summary>Creates the measure of a model.</summary>
    /// <param name="sam">The model.</param>
    /// <param name="reader">Decodes the pictures.</param>
    /// <param name="data">Pictures and their masks.</param>
    /// <param name="options">The pictures and masks to measure, and the grid.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static PictureMeasure<MeasureReport> Of(Sam sam, PictureReader reader, CocoDataset data, MeasureOptions options)
    {
        ArgumentNullException.ThrowIfNull(sam);
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        EverythingMode[] modes =
        [
            .. Modes.Select(mode => new EverythingMode(new MaskGenerator(sam, MaskGeneratorOptions.For(sam.Config) with
            {
                Mode = mode, PointsPerSide = options.PointsPerSide ?? 32,
            }))),
        ];
        MaskGeneratorOptions dense = modes[0].Options;
        Dictionary<string, string> facts = MeasureFacts.Of(Name, sam.Name, data.Path);
        facts[MeasureFacts.PointsPerSide] = MeasureFacts.Text(dense.PointsPerSide);
        facts[Thresholds] = string.Create(
            CultureInfo.InvariantCulture, $"above {dense.PredIouThresh}, at least {dense.StabilityScoreThresh}");
        facts[Hierarchical] = string.Create(
            CultureInfo.InvariantCulture, $"logit above {dense.HighScoreThresh} of {dense.HighScoreVotes} coarse points");
        int turn = 0;
        return EvaluationLoop.Of(reader, options).Over(
            data, facts,
            (image, picture, truths, cases, cancellation) =>
            {
                Rle[] encoded = [.. truths.Select(Rle.Encode)];
                var values = new Dictionary<string, double[]>();
                GeneratedMask?[] closest = [];
                foreach (EverythingMode mode in turn++ % 2 == 0 ? modes : [.. modes.Reverse()])
                {
                    GeneratedMask?[] found = mode.Measure(picture, encoded, options.ImageSize, values, cancellation);
                    if (mode == modes[1])
                        closest = found;
                }

                foreach ((Rle truth, GeneratedMask? best) in encoded.Zip(closest))
                {
                    double iou = best is null ? 0 : Rle.Iou(best.Segmentation, truth);
                    cases.Add(iou, () => new EvaluationCase(image.Path, "hierarchical mode", iou)
                    {
                        Truth = truth, Found = best?.Segmentation,
                    });
                }

                return values;
            },
            Report);
    }

    /// <summary>Makes the report from the records of all pictures.</summary>
    /// <param name="facts">The settings of the measure (<see cref="PictureMeasure{TReport}.Facts"/>).</param>
    /// <param name="records">The records of the pictures, in the order of the data set.</param>
    /// <exception cref="DataFormatException">No mask was measured, or a value is missing.</exception>
    public static MeasureReport Report(IReadOnlyDictionary<string, string> facts, IReadOnlyList<PictureRecord> records)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(records);
        Tally[] modes = [.. Modes.Select(mode => new Tally(mode.ToString().ToLowerInvariant()))];
        foreach (PictureRecord record in records.Where(record => record.Count > 0))
        {
            foreach (Tally mode in modes)
                mode.Add(record);
        }

        var cases = CaseCollector.Of(records);
        Dictionary<string, string> protocol = facts.Only(MeasureFacts.PointsPerSide, Thresholds, Hierarchical);
        protocol["a mask's IoU"] = "the best of all masks found";
        protocol["masks"] = MeasureFacts.Text(PictureRecord.MasksOf(facts, records));
        return new MeasureReport(
            Name, facts.Fact(MeasureFacts.Model), facts.Fact(MeasureFacts.Data), protocol,
            [
                new MeasureTable(
                    "everything mode",
                    ["mean IoU", "small", "medium", "large", "found at IoU 0.5", "masks a picture", "seconds a picture"],
                    [.. modes.Select(mode => mode.ToRow())]),
                new MeasureTable(
                    "hierarchical over dense", ["mean IoU", "time"],
                    [new("ratio", [Ratio(mode => mode.MeanIou), Ratio(mode => mode.Seconds)])]),
            ])
        {
            Images = records.Count(record => record.Count > 0), Best = cases.Best, Worst = cases.Worst,
        };

        double? Ratio(Func<Tally, double> value) => value(modes[0]) > 0 ? value(modes[1]) / value(modes[0]) : null;
    }

    /// <summary>The two modes, the reference first.</summary>
    private static MaskGeneratorMode[] Modes => [MaskGeneratorMode.Dense, MaskGeneratorMode.Hierarchical];

    private sealed class Tally(string mode)
    {
        private readonly double[] _ious = new double[SizeClass.Names.Length];
        private readonly int[] _counts = new int[SizeClass.Names.Length];
        private int _half;
        private int _pictures;
        private double _found;

        public double Seconds { get; private set; }

        public double MeanIou => _ious.Sum() / _counts.Sum();

        public void Add(PictureRecord record)
        {
            foreach ((double area, double iou) in record.Read(PictureRecord.Areas, record.Count).Zip(EverythingMode.IousOf(mode, record)))
            {
                int size = SizeClass.Of(area);
                _ious[size] += iou;
                _counts[size]++;
                _half += iou >= 0.5 ? 1 : 0;
            }

            _found += EverythingMode.FoundIn(mode, record);
            Seconds += EverythingMode.SecondsOf(mode, record);
            _pictures++;
        }

        public MeasureRow ToRow() => new(
            mode,
            [
                MeanIou, .. _ious.Zip(_counts).Select(pair => pair.Second == 0 ? (double?)null : pair.First / pair.Second),
                (double)_half / _counts.Sum(), _found / _pictures, Seconds / _pictures,
            ]);
    }
}
