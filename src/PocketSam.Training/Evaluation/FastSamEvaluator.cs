using System.Diagnostics;

namespace PocketSam.Training.Evaluation;

/// <summary>
/// Measures FastSAM as <see cref="Evaluator"/> measures SAM. FastSAM segments everything once per picture, and prompts
/// select from its masks: a box selects the mask of the largest IoU with it, clicks the most confident mask that fits
/// them. For the first click, two other rules are measured too: the smallest mask under the click
/// (<see cref="SmallestName"/>), and the union of all masks under it (<see cref="UnionName"/>), as in FastSAM's own
/// program.
/// </summary>
/// <remarks>
/// Without a fitting mask, the IoU is 0. The best mask under the click is the oracle. Crowds are skipped.
/// </remarks>
public sealed class FastSamEvaluator
{
    /// <summary>The name of the result for the smallest mask under the first click.</summary>
    public const string SmallestName = "1-click-smallest";

    /// <summary>The name of the result for the union of all masks under the first click.</summary>
    public const string UnionName = "1-click-union";

    /// <summary>The name of the measure in <see cref="PictureMeasure{TReport}.Facts"/>.</summary>
    public const string MeasureName = "fastsam";

    private const string BestIou = "best", Found = "found";

    private readonly FastSam _fast;
    private readonly FastSamOptions _fastOptions;
    private readonly PictureReader _reader;
    private readonly EvaluationOptions _options;

    /// <summary>Creates an evaluation of one model.</summary>
    /// <param name="fast">The model.</param>
    /// <param name="fastOptions">The input size, and the options of the masks.</param>
    /// <param name="reader">Decodes the data set's pictures.</param>
    /// <param name="options">The options; their input size must be null, and
    /// <see cref="EvaluationProtocol.OneClickMulti"/> must not be among their protocols.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public FastSamEvaluator(FastSam fast, FastSamOptions fastOptions, PictureReader reader, EvaluationOptions options)
    {
        ArgumentNullException.ThrowIfNull(fast);
        ArgumentNullException.ThrowIfNull(fastOptions);
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(options);
        fastOptions.Validate();
        options.Validate();
        if (options.ImageSize is not null || options.Protocols.Contains(EvaluationProtocol.OneClickMulti))
            throw new ArgumentException("FastSAM has its own input size, and no three masks for a click", nameof(options));
        (_fast, _fastOptions, _reader, _options) = (fast, fastOptions, reader, options);
    }

    /// <summary>The default protocols: <c>box,1-click,3-click</c>.</summary>
    public static IReadOnlyList<EvaluationProtocol> DefaultProtocols { get; }
        = [EvaluationProtocol.Box, EvaluationProtocol.Clicks(1), EvaluationProtocol.Clicks(3)];

    /// <summary>
    /// Runs over a data set, picture by picture. The result does not depend on the number of threads.
    /// </summary>
    /// <param name="data">Pictures and their masks.</param>
    /// <param name="progress">Reports each picture.</param>
    /// <param name="cancellation">Checked before each picture and within it.</param>
    /// <returns>
    /// Results of the protocols, with <see cref="SmallestName"/> and <see cref="UnionName"/> after <c>1-click</c>. The
    /// result of everything mode, if it is measured, has the name <c>fastsam</c>.
    /// </returns>
    /// <exception cref="DataFormatException">
    /// A picture is missing or has another size than stated, or there is no mask to measure.
    /// </exception>
    /// <exception cref="IOException">A picture cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The run is cancelled.</exception>
    public EvaluationReport Run(
        CocoDataset data, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
        => On(data).Run(progress, cancellation);

    /// <summary>Creates the measure of a data set, whose pictures several processes can share.</summary>
    /// <param name="data">Pictures and their masks.</param>
    public PictureMeasure<EvaluationReport> On(CocoDataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        string[] names =
        [
            .. _options.Protocols.SelectMany(protocol
                => protocol.ClickCount == 1 ? [protocol.Name, SmallestName, UnionName] : new[] { protocol.Name }),
        ];
        Dictionary<string, string> facts = MeasureFacts.Of(MeasureName, _fast.Name, data.Path);
        facts[MeasureFacts.Protocols] = string.Join(',', names);
        if (_options.FindsEverything)
            facts[MeasureFacts.Everything] = MeasureName;
        return new EvaluationLoop(_reader, _options.MinArea, _options.MaxMasks, _options.Failures).Over(
            data, facts,
            (_, picture, truths, _, cancellation) =>
            {
                long start = Stopwatch.GetTimestamp();
                FastSamResult all = _fast.Segment(picture, _fastOptions, cancellation: cancellation);
                double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                var results = names.ToDictionary(name => name, _ => new List<double>());
                List<double> oracles = [], best = [];
                foreach (BinaryMask truth in truths)
                {
                    cancellation.ThrowIfCancellationRequested();
                    Rle runs = Rle.Encode(truth);
                    best.Add(all.Masks.Max(mask => (double?)Rle.Iou(mask.Segmentation, runs)) ?? 0);
                    Measure(all, truth, runs, results, oracles);
                }

                Dictionary<string, double[]> values = results.ToDictionary(pair => pair.Key, pair => pair.Value.ToArray());
                if (oracles.Count > 0)
                    values[EvaluationProtocol.Clicks(1).Name + PictureRecord.Oracle] = [.. oracles];
                (values[BestIou], values[Found], values[PictureRecord.Seconds]) = ([.. best], [all.Masks.Count], [seconds]);
                return values;
            },
            (records, _) => Report(facts, records));
    }

    /// <summary>Makes the report from the records of all pictures, as measured by <see cref="On"/>.</summary>
    /// <param name="facts">The settings of the measure (<see cref="PictureMeasure{TReport}.Facts"/>).</param>
    /// <param name="records">The records of the pictures, in the order of the data set.</param>
    /// <exception cref="DataFormatException">
    /// No mask was measured, or a value is missing or not from 0 to 1.
    /// </exception>
    public static EvaluationReport Report(IReadOnlyDictionary<string, string> facts, IReadOnlyList<PictureRecord> records)
    {
        var report = EvaluationReport.Of(facts, records);
        if (!facts.ContainsKey(MeasureFacts.Everything))
            return report;
        PictureRecord[] measured = [.. records.Where(record => record.Count > 0)];
        return report with
        {
            Everything = new Dictionary<string, EverythingResult>
            {
                [MeasureName] = new(
                    measured.SelectMany(record => record.Read(BestIou, record.Count)).Sum() / report.Masks,
                    measured.Sum(record => record.Number(Found)) / report.Images,
                    measured.Sum(record => record.Number(PictureRecord.Seconds)) / report.Images),
            },
        };
    }

    private void Measure(
        FastSamResult all, BinaryMask truth, Rle runs, Dictionary<string, List<double>> results, List<double> oracles)
    {
        double Iou(GeneratedMask? mask) => mask is null ? 0 : Rle.Iou(mask.Segmentation, runs);
        if (results.TryGetValue(EvaluationProtocol.Box.Name, out List<double>? boxes))
            boxes.Add(Iou(all.Select(Prompt.Box(truth.Bounds))));
        int rounds = _options.Protocols.Max(protocol => protocol.ClickCount);
        Prompt? prompt = null;
        GeneratedMask? answer = null;
        for (int clicks = 1; clicks <= rounds; clicks++)
        {
            Click? next = prompt is null
                ? ClickSimulator.First(truth)
                : ClickSimulator.Next(answer?.Segmentation.ToMask() ?? new BinaryMask(truth.Width, truth.Height), truth);
            if (next is { } click)
            {
                prompt = prompt?.WithPoint(click.X, click.Y, click.IsForeground) ?? Prompt.Point(click.X, click.Y, click.IsForeground);
                answer = all.Select(prompt);
            }

            if (!results.TryGetValue(EvaluationProtocol.Clicks(clicks).Name, out List<double>? result))
                continue;
            if (clicks > 1)
            {
                result.Add(Iou(answer));
                continue;
            }

            GeneratedMask[] under = [.. all.Masks.Where(mask => mask.Segmentation.Crop(new PixelBox((int)prompt!.Points[0].X, (int)prompt.Points[0].Y, 1, 1)).Area == 1)];
            double[] ious = [.. under.Select(Iou)];
            result.Add(Iou(answer));
            oracles.Add(ious.Length == 0 ? 0 : ious.Max());
            results[SmallestName].Add(Iou(all.Select(prompt!, PointChoice.Smallest)));
            results[UnionName].Add(under.Length == 0 ? 0 : Rle.Iou(under.Select(mask => mask.Segmentation).Aggregate(Rle.Union), runs));
        }
    }
}
