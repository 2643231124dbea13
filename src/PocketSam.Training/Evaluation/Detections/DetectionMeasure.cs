using System.Diagnostics;
using System.Globalization;
using PocketSam.Training.Data;

namespace PocketSam.Training.Evaluation.Detections;

/// <summary>Reports of average precision and recall: of given detections, or of masks that a model predicts.</summary>
public static class DetectionMeasure
{
    /// <summary>The limits of proposals at which AR is reported (SAM, appendix D.3).</summary>
    private static readonly int[] ProposalLimits = [10, 100, 1000];

    private const string Coco = "coco-ap", Lvis = "lvis-ap", Proposals = "proposals";
    private const string Boxes = "boxes", Selection = "mask choice", Refines = "fed back", Compares = "compared", Categories = "categories";
    private const string Limits = "largest numbers of detections", OfBoxes = "boxes", OfMasks = "masks", Yes = "yes", No = "no";

    /// <summary>
    /// The name of the number of masks generated in a picture, including those beyond the largest limit.
    /// </summary>
    private const string All = "found";

    /// <summary>Points per side of SAM's grid for proposals.</summary>
    private const int ProposalGrid = 64;

    /// <summary>Evaluates detections.</summary>
    /// <param name="detections">The detections and the ground truth.</param>
    /// <param name="options">The rules.</param>
    /// <param name="progress">Reports the fraction of pairs of picture and category that are compared, 0 to 1.</param>
    /// <param name="cancellation">Checked between batches of pairs.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="DataFormatException">The mask of an object is missing or cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The run is cancelled.</exception>
    public static MeasureReport Count(
        Detections detections, DetectionOptions options, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(detections);
        ArgumentNullException.ThrowIfNull(options);
        long start = Stopwatch.GetTimestamp();
        DetectionReport report = DetectionEvaluator.Run(detections, options, progress, cancellation);
        CaseCollector cases = DetectionCases.Of(detections, options, cancellation);
        return new MeasureReport(
            options.UsesLvisRules ? Lvis : Coco, null, report.Data,
            new Dictionary<string, string>
            {
                ["detections"] = string.Create(CultureInfo.InvariantCulture, $"{report.Detections}, {report.Count}"),
                ["objects"] = report.Objects.ToString(CultureInfo.InvariantCulture),
                ["compared"] = report.Compared, ["rules"] = report.Rules,
                [Limits] = string.Join(", ", report.Recall.At.Keys),
            },
            DetectionTables.Of(report))
        {
            Images = report.Images, Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, Best = cases.Best, Worst = cases.Worst,
        };
    }

    /// <summary>
    /// Predicts a mask for each box, and evaluates these masks (SAM, appendix D.4; TinySAM, Table 1).
    /// </summary>
    /// <param name="sam">The model.</param>
    /// <param name="reader">Decodes the pictures.</param>
    /// <param name="truths">The pictures and ground-truth objects.</param>
    /// <param name="boxes">
    /// The boxes of a detector; null for the boxes of the ground-truth objects without crowds.
    /// </param>
    /// <param name="options">Which mask is used, whether it is fed back once, and so on.</param>
    /// <param name="rules">The rules of the evaluation.</param>
    /// <returns>The measure, which gives the report and the masks.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="DataFormatException">A picture has no file name.</exception>
    public static PictureMeasure<(MeasureReport Report, Detections Masks)> PromptBoxes(
        Sam sam, PictureReader reader, DetectionTruths truths, Detections? boxes, MeasureOptions options, DetectionOptions rules)
    {
        ArgumentNullException.ThrowIfNull(sam);
        ArgumentNullException.ThrowIfNull(truths);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(rules);
        Dictionary<string, string> facts = MeasureFacts.Of(rules.UsesLvisRules ? Lvis : Coco, sam.Name, truths.Path);
        (facts[Selection], facts[Refines]) = (options.Selection.ToString(), options.Refines ? Yes : No);
        (facts[Compares], facts[Categories]) = (rules.ComparesBoxes ? OfBoxes : OfMasks, rules.UsesCategories ? Yes : No);
        facts[Limits] = string.Join(',', rules.MaxDetections.Select(limit => MeasureFacts.Text(limit)));
        if (boxes is not null)
            facts[Boxes] = boxes.Name;
        ILookup<int, Detection> boxesByPicture = BoxPrompter.BoxesOf(truths, boxes);
        return Over(
            reader, truths, options, facts,
            (place, picture, values, cancellation) =>
            {
                long start = Stopwatch.GetTimestamp();
                Detection[] masks = BoxPrompter.MasksOf(sam, picture, [.. boxesByPicture[place]], boxes is null, options, cancellation);
                values[PictureRecord.Seconds] = [Stopwatch.GetElapsedTime(start).TotalSeconds];
                return masks.Select(item => new BoxMask(item.Category, item.Score, item.Mask!));
            },
            (records, start, cancellation) =>
            {
                (MeasureReport report, Detections masks) = Report(facts, truths, records, cancellation);
                return (report.WithTimeSince(start), masks);
            });
    }

    /// <summary>
    /// Average recall of everything mode without categories (SAM, appendix D.3): a dense grid of 64 points per side, no
    /// crops, no thresholds, duplicates with a box IoU above 0.9 removed, ranked by the mean of predicted IoU and
    /// stability score.
    /// </summary>
    /// <param name="sam">The model.</param>
    /// <param name="reader">Decodes the pictures.</param>
    /// <param name="truths">
    /// The pictures and ground-truth objects; those of LVIS are evaluated by COCO's rules too, without categories.
    /// </param>
    /// <param name="options">The number of pictures, and the grid.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="DataFormatException">A picture has no file name.</exception>
    public static PictureMeasure<MeasureReport> Propose(Sam sam, PictureReader reader, DetectionTruths truths, MeasureOptions options)
    {
        ArgumentNullException.ThrowIfNull(sam);
        ArgumentNullException.ThrowIfNull(truths);
        ArgumentNullException.ThrowIfNull(options);
        int grid = options.PointsPerSide ?? ProposalGrid;
        var generator = new MaskGenerator(sam, new MaskGeneratorOptions
        {
            Mode = MaskGeneratorMode.Dense, PointsPerSide = grid, PredIouThresh = 0, StabilityScoreThresh = 0, BoxNmsThresh = 0.9f,
        });
        Dictionary<string, string> facts = MeasureFacts.Of(Proposals, sam.Name, truths.Path);
        facts[MeasureFacts.PointsPerSide] = MeasureFacts.Text(grid);
        return Over(
            reader, truths, options, facts,
            (_, picture, values, cancellation) =>
            {
                long start = Stopwatch.GetTimestamp();
                IReadOnlyList<GeneratedMask> masks = generator.Generate(picture, options.ImageSize, cancellation: cancellation);
                values[PictureRecord.Seconds] = [Stopwatch.GetElapsedTime(start).TotalSeconds];
                values[All] = [masks.Count];
                return masks.Select(mask => new BoxMask(0, (mask.PredictedIou + mask.StabilityScore) / 2.0, mask.Segmentation))
                    .OrderByDescending(item => item.Score).Take(ProposalLimits[^1]);
            },
            (records, start, cancellation) => Report(facts, truths, records, cancellation).Report.WithTimeSince(start));
    }

    /// <summary>Makes the report from the records of all pictures, and collects their masks.</summary>
    /// <param name="facts">The settings of the measure (<see cref="PictureMeasure{TReport}.Facts"/>).</param>
    /// <param name="truths">The pictures and ground-truth objects that were measured.</param>
    /// <param name="records">The records of the pictures, in the order of the data set.</param>
    /// <param name="cancellation">Checked between batches of pairs of picture and category.</param>
    /// <exception cref="DataFormatException">
    /// No picture is left, a mask has another size than its picture, or a value is missing or out of range.
    /// </exception>
    /// <exception cref="OperationCanceledException">The run is cancelled.</exception>
    public static (MeasureReport Report, Detections Masks) Report(
        IReadOnlyDictionary<string, string> facts, DetectionTruths truths, IReadOnlyList<PictureRecord> records, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(truths);
        ArgumentNullException.ThrowIfNull(records);
        PictureRecord[] used = [.. records.Where(record => record.Masks is not null)];
        if (used.Length == 0)
        {
            string? first = records.Select(record => record.Error).FirstOrDefault(error => error is not null);
            throw new DataFormatException(truths.Path, "no picture can be used" + (first is null ? "" : $", the first: {first}"));
        }

        List<Detection> items = [];
        foreach ((int place, PictureRecord record) in used.Index())
        {
            if (record.Place < 0 || record.Place >= truths.Images.Count)
                throw new DataFormatException(truths.Path, $"masks of picture {record.Place + 1} of {truths.Images.Count}");
            CocoImage image = truths.Images[record.Place];
            if (record.Masks!.Any(one => one is not { Mask: { } mask } || mask.Width != image.Width || mask.Height != image.Height
                || one.Category < -1 || one.Category >= truths.Categories.Count))
            {
                throw new DataFormatException(truths.Path, $"{image.Name}: the masks are of another picture, or of other categories");
            }

            items.AddRange(record.Masks!.Select(one => new Detection(place, one.Category, one.Score, null, one.Mask, one.Mask.Area)));
        }

        var masks = new Detections(facts.Fact(MeasureFacts.Model), truths.Take([.. used.Select(record => record.Place)]), items);
        double seconds = used.Sum(record => record.Number(PictureRecord.Seconds)) / used.Length;
        return (facts.Fact(MeasureFacts.Measure) == Proposals
            ? CountProposals(facts, masks, used, seconds, cancellation) : CountMasks(facts, masks, seconds, cancellation), masks);
    }

    private static MeasureReport CountMasks(
        IReadOnlyDictionary<string, string> facts, Detections masks, double seconds, CancellationToken cancellation)
    {
        if (!Enum.TryParse(facts.Fact(Selection), out MaskSelection selection))
            throw new DataFormatException($"the mask choice {facts.Fact(Selection)} is not known");
        int[] limits = [.. facts.Fact(Limits).Split(',').Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int limit) ? limit : 0)];
        MeasureReport report = Count(
            masks,
            new DetectionOptions
            {
                ComparesBoxes = facts.Fact(Compares) == OfBoxes, UsesCategories = facts.Fact(Categories) == Yes,
                UsesLvisRules = facts.Fact(MeasureFacts.Measure) == Lvis, MaxDetections = limits,
            },
            null, cancellation);
        return report with
        {
            Model = masks.Name, Seconds = 0,
            Protocol = new Dictionary<string, string>(report.Protocol)
            {
                ["detections"] = string.Create(CultureInfo.InvariantCulture, $"{masks.Count} masks"),
                ["boxes"] = facts.GetValueOrDefault(Boxes) ?? "those of the objects, scores the predicted IoU",
                ["mask of a box"] = PointMeasure.Describe(selection),
                ["fed back once"] = facts.Fact(Refines),
                ["seconds a picture"] = string.Create(CultureInfo.InvariantCulture, $"{seconds:0.000}, encoding and all its boxes"),
            },
        };
    }

    private static MeasureReport CountProposals(
        IReadOnlyDictionary<string, string> facts, Detections proposals, IReadOnlyList<PictureRecord> records, double seconds,
        CancellationToken cancellation)
    {
        var rules = new DetectionOptions { UsesCategories = false, MaxDetections = ProposalLimits };
        DetectionReport counted = DetectionEvaluator.Run(proposals, rules, null, cancellation);
        CaseCollector cases = DetectionCases.Of(proposals, rules, cancellation);
        return new MeasureReport(
            Proposals, proposals.Name, facts.Fact(MeasureFacts.Data),
            new Dictionary<string, string>
            {
                [MeasureFacts.PointsPerSide] = facts.Fact(MeasureFacts.PointsPerSide),
                ["thresholds"] = "none; box NMS 0.9",
                ["rank"] = "mean of predicted IoU and stability, at most 1000",
                ["objects"] = MeasureFacts.Text(proposals.Truths.Count),
                ["rules"] = counted.Rules,
            },
            [
                DetectionTables.RecallOf(counted),
                new MeasureTable(
                    "everything mode", ["masks a picture", "seconds a picture"],
                    [new("dense", [records.Sum(record => record.Number(All)) / records.Count, seconds])]),
            ])
        {
            Images = records.Count, Best = cases.Best, Worst = cases.Worst,
        };
    }

    /// <summary>Creates a measure of the masks that a model predicts in each picture.</summary>
    private static PictureMeasure<TReport> Over<TReport>(
        PictureReader reader, DetectionTruths truths, MeasureOptions options, IReadOnlyDictionary<string, string> facts,
        Func<int, RgbImage, Dictionary<string, double[]>, CancellationToken, IEnumerable<BoxMask>> find,
        Func<IReadOnlyList<PictureRecord>, long, CancellationToken, TReport> report)
    {
        ArgumentNullException.ThrowIfNull(reader);
        options.Validate();
        truths.RequireNames();
        return new PictureMeasure<TReport>(
            facts, truths.Images.Count, place => PictureKey.Of(truths.Path, truths.Images[place]),
            (place, _, cancellation) =>
            {
                var values = new Dictionary<string, double[]>();
                return PictureFailures.Read(truths.Images[place], reader, options.Failures) is { } picture
                    ? new PictureRecord(place, values) { Masks = [.. find(place, picture, values, cancellation)] }
                    : new PictureRecord(place, values) { Error = options.Failures?.ReasonOf(truths.Images[place].Path) };
            },
            report)
        {
            MaxImages = options.MaxImages ?? int.MaxValue,
        };
    }
}
