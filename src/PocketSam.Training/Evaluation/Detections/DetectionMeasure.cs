using System.Diagnostics;
using System.Globalization;

namespace PocketSam.Training.Evaluation.Detections;

/// <summary>Reports of average precision and recall: of given detections, or of masks that a model predicts.</summary>
public static class DetectionMeasure
{
    /// <summary>The limits of proposals at which AR is reported (SAM, appendix D.3).</summary>
    private static readonly int[] ProposalLimits = [10, 100, 1000];

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
            options.UsesLvisRules ? "lvis-ap" : "coco-ap", null, report.Data,
            new Dictionary<string, string>
            {
                ["detections"] = string.Create(CultureInfo.InvariantCulture, $"{report.Detections}, {report.Count}"),
                ["objects"] = report.Objects.ToString(CultureInfo.InvariantCulture),
                ["compared"] = report.Compared, ["rules"] = report.Rules,
                ["largest numbers of detections"] = string.Join(", ", report.Recall.At.Keys),
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
    /// <param name="boxes">The boxes of a detector; null for the boxes of the ground-truth objects.</param>
    /// <param name="options">Which mask is used, whether it is fed back once, and so on.</param>
    /// <param name="rules">The rules of the evaluation.</param>
    /// <param name="progress">Reports each picture.</param>
    /// <param name="cancellation">Checked before each picture and each batch of prompts.</param>
    /// <returns>The report, and the masks.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="IOException">A picture is missing, has another size or cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The run is cancelled.</exception>
    public static (MeasureReport Report, Detections Masks) PromptBoxes(
        Sam sam, PictureReader reader, DetectionTruths truths, Detections? boxes, MeasureOptions options, DetectionOptions rules,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sam);
        ArgumentNullException.ThrowIfNull(options);
        long start = Stopwatch.GetTimestamp();
        (DetectionTruths asked, Detections masks, double seconds)
            = BoxPrompter.Run(sam, reader, truths, boxes, options, progress, cancellation);
        MeasureReport report = CountMasks(masks, boxes?.Name, options, rules, cancellation);
        var protocol = new Dictionary<string, string>(report.Protocol)
        {
            ["seconds a picture"] = string.Create(
                CultureInfo.InvariantCulture, $"{seconds / Math.Max(1, asked.Images.Count):0.000}, encoding and all its boxes"),
        };
        return (report with { Protocol = protocol, Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds }, masks);
    }

    /// <summary>
    /// Predicts a mask for each box of some pictures; <see cref="CountMasksOfBoxes"/> evaluates the masks of all parts.
    /// </summary>
    /// <param name="sam">The model.</param>
    /// <param name="reader">Decodes the pictures.</param>
    /// <param name="truths">The pictures and ground-truth objects.</param>
    /// <param name="boxes">The boxes of a detector; null for the boxes of the ground-truth objects.</param>
    /// <param name="options">Which mask is used, whether it is fed back once, and so on.</param>
    /// <param name="places">Indices of the pictures.</param>
    /// <param name="found">Takes the index and the masks of each picture; the masks are null if the picture is left
    /// out.</param>
    /// <param name="progress">Reports each picture.</param>
    /// <param name="cancellation">Checked before each picture and each batch of prompts.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="IOException">A picture is missing, has another size or cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The run is cancelled.</exception>
    public static void MakeMasksOfBoxes(
        Sam sam, PictureReader reader, DetectionTruths truths, Detections? boxes, MeasureOptions options, IReadOnlyList<int> places,
        Action<int, IReadOnlyList<BoxMask>?> found, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sam);
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(truths);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(places);
        ArgumentNullException.ThrowIfNull(found);
        options.Validate();
        truths.RequireNames();
        ILookup<int, Detection> given = BoxPrompter.BoxesOf(truths, boxes);
        int masks = 0;
        foreach ((int i, int place) in places.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            Detection[]? own = Data.PictureFailures.Read(truths.Images[place], reader, options.Failures) is { } picture
                ? BoxPrompter.MasksOf(sam, picture, [.. given[place]], boxes is null, options, cancellation) : null;
            found(place, own is null ? null : [.. own.Select(item => new BoxMask(item.Category, item.Score, item.Mask!))]);
            masks += own?.Length ?? 0;
            progress?.Report(new EvaluationProgress(i + 1, places.Count, masks));
        }
    }

    /// <summary>Evaluates masks of boxes like <see cref="PromptBoxes"/>; the report has no time.</summary>
    /// <param name="model">Name of the model that predicts them.</param>
    /// <param name="truths">The pictures and ground-truth objects.</param>
    /// <param name="boxes">Name of the source of the boxes; null for those of the ground-truth objects.</param>
    /// <param name="masks">The masks of each picture; null for a picture that is left out.</param>
    /// <param name="options">Which mask is used, and whether it is fed back once.</param>
    /// <param name="rules">The rules of the evaluation.</param>
    /// <param name="cancellation">Checked between batches of pairs of picture and category.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the number of pictures differs.</exception>
    /// <exception cref="DataFormatException">No picture is left, or a mask has another size than its
    /// picture.</exception>
    /// <exception cref="OperationCanceledException">The run is cancelled.</exception>
    public static (MeasureReport Report, Detections Masks) CountMasksOfBoxes(
        string model, DetectionTruths truths, string? boxes, IReadOnlyList<IReadOnlyList<BoxMask>?> masks, MeasureOptions options,
        DetectionOptions rules, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(truths);
        ArgumentNullException.ThrowIfNull(masks);
        ArgumentNullException.ThrowIfNull(options);
        if (masks.Count != truths.Images.Count)
            throw new ArgumentException($"masks of {masks.Count} pictures, not of {truths.Images.Count}", nameof(masks));
        List<int> looked = [];
        List<Detection> items = [];
        foreach ((int place, IReadOnlyList<BoxMask>? own) in masks.Index())
        {
            if (own is null)
                continue;
            CocoImage image = truths.Images[place];
            if (own.Any(one => one.Mask.Width != image.Width || one.Mask.Height != image.Height
                || one.Category < -1 || one.Category >= truths.Categories.Count))
            {
                throw new DataFormatException(truths.Path, $"{image.Name}: the masks are of another picture, or of other categories");
            }

            items.AddRange(own.Select(one => new Detection(looked.Count, one.Category, one.Score, null, one.Mask, one.Mask.Area)));
            looked.Add(place);
        }

        if (looked.Count == 0)
            throw new DataFormatException(truths.Path, "no picture can be used");
        var all = new Detections(model, truths.Take(looked), items);
        return (CountMasks(all, boxes, options, rules, cancellation) with { Seconds = 0 }, all);
    }

    private static MeasureReport CountMasks(
        Detections masks, string? boxes, MeasureOptions options, DetectionOptions rules, CancellationToken cancellation)
    {
        MeasureReport report = Count(masks, rules, null, cancellation);
        return report with
        {
            Model = masks.Name,
            Protocol = new Dictionary<string, string>(report.Protocol)
            {
                ["detections"] = string.Create(CultureInfo.InvariantCulture, $"{masks.Count} masks"),
                ["boxes"] = boxes ?? "those of the objects, scores the predicted IoU",
                ["mask of a box"] = PointMeasure.Describe(options.Selection),
                ["fed back once"] = options.Refines ? "yes" : "no",
            },
        };
    }

    /// <summary>
    /// Average recall of everything mode without categories (SAM, appendix D.3): a dense grid of 64 points per side, no
    /// crops, no thresholds, duplicates with a box IoU above 0.9 removed, ranked by the mean of predicted IoU and
    /// stability score.
    /// </summary>
    /// <param name="sam">The model.</param>
    /// <param name="reader">Decodes the pictures.</param>
    /// <param name="truths">The pictures and ground-truth objects; those of LVIS are evaluated by COCO's rules too,
    /// without categories.</param>
    /// <param name="options">The number of pictures and the grid.</param>
    /// <param name="progress">Reports each picture.</param>
    /// <param name="cancellation">Checked before each picture and each batch of points.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="IOException">A picture is missing, has another size or cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The run is cancelled.</exception>
    public static MeasureReport Propose(
        Sam sam, PictureReader reader, DetectionTruths truths, MeasureOptions options,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(sam);
        ArgumentNullException.ThrowIfNull(options);
        long start = Stopwatch.GetTimestamp();
        int grid = options.PointsPerSide ?? ProposalGrid;
        var generator = new MaskGenerator(sam, new MaskGeneratorOptions
        {
            Mode = MaskGeneratorMode.Dense, PointsPerSide = grid, PredIouThresh = 0, StabilityScoreThresh = 0, BoxNmsThresh = 0.9f,
        });
        long found = 0;
        double seconds = 0;
        (DetectionTruths asked, Detections proposals) = PictureLoop.Run(
            reader, truths, sam.Name, options,
            (place, picture, items) =>
            {
                long begun = Stopwatch.GetTimestamp();
                IReadOnlyList<GeneratedMask> masks = generator.Generate(picture, options.ImageSize, cancellation: cancellation);
                seconds += Stopwatch.GetElapsedTime(begun).TotalSeconds;
                found += masks.Count;
                items.AddRange(masks
                    .Select(mask => new Detection(
                        place, 0, (mask.PredictedIou + mask.StabilityScore) / 2.0, null, mask.Segmentation, mask.Area))
                    .OrderByDescending(item => item.Score).Take(ProposalLimits[^1]));
            },
            progress, cancellation);
        var rules = new DetectionOptions { UsesCategories = false, MaxDetections = ProposalLimits };
        DetectionReport counted = DetectionEvaluator.Run(proposals, rules, null, cancellation);
        CaseCollector cases = DetectionCases.Of(proposals, rules, cancellation);
        int pictures = asked.Images.Count;
        return new MeasureReport(
            "proposals", sam.Name, truths.Path,
            new Dictionary<string, string>
            {
                ["points a side"] = grid.ToString(CultureInfo.InvariantCulture),
                ["thresholds"] = "none; box NMS 0.9",
                ["rank"] = "mean of predicted IoU and stability, at most 1000",
                ["objects"] = asked.Count.ToString(CultureInfo.InvariantCulture),
                ["rules"] = counted.Rules,
            },
            [
                DetectionTables.RecallOf(counted),
                new MeasureTable(
                    "everything mode", ["masks a picture", "seconds a picture"],
                    [new("dense", [(double)found / pictures, seconds / pictures])]),
            ])
        {
            Images = pictures, Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, Best = cases.Best, Worst = cases.Worst,
        };
    }
}
