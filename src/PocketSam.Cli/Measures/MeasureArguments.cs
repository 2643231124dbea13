using System.CommandLine;
using System.Globalization;
using PocketSam.Cli.Pictures;
using PocketSam.Training.Evaluation;
using PocketSam.Training.Evaluation.Detections;

namespace PocketSam.Cli.Measures;

/// <summary>The options of <c>evaluate</c> for the measures from papers.</summary>
internal sealed class MeasureArguments
{
    private static readonly MeasureOptions Defaults = new();

    /// <summary><c>--results</c></summary>
    public readonly Option<string?> Results = new("--results")
    {
        Description = "Count what others found, without a model: a COCO results JSON (coco-ap, lvis-ap), a folder of maps NAME.png (edges)",
        HelpName = "FILE.json|DIR",
    };

    /// <summary><c>--boxes</c></summary>
    public readonly Option<string?> Boxes = new("--boxes")
    {
        Description = "Boxes of a detector that the model makes masks of, a COCO results JSON (coco-ap, lvis-ap; default: the objects' own boxes)",
        HelpName = "FILE.json",
    };

    /// <summary><c>--save-results</c></summary>
    public readonly Option<string?> SaveResults = new("--save-results")
    {
        Description = "Write the model's masks of the boxes as COCO results JSON, for pycocotools (coco-ap, lvis-ap)", HelpName = "FILE.json",
    };

    private readonly Option<string?> _iou = new("--iou")
    {
        Description = "What is compared: masks (default) or boxes (coco-ap, lvis-ap)", HelpName = "masks|boxes",
    };

    private readonly Option<bool> _noCategories = new("--no-categories")
    {
        Description = "Let a detection of any category find an object (coco-ap)",
    };

    private readonly Option<string?> _maxDetections = new("--max-detections")
    {
        Description = "Largest numbers of detections of a picture, three ascending ones (coco-ap; default: 1,10,100)", HelpName = "A,B,C",
    };

    private readonly Option<string?> _maskChoice = new("--mask-choice")
    {
        Description = "Which mask counts for one prompt: best, of three that of the highest predicted IoU (default), or first, "
            + "the one for unambiguous prompts (coco-ap, lvis-ap, points-N)",
        HelpName = "best|first",
    };

    private readonly Option<bool> _refine = new("--refine")
    {
        Description = "Feed the mask of a box back once, as SAM's own evaluation does (coco-ap, lvis-ap)",
    };

    private readonly Option<string?> _firstPoint = new("--first-point")
    {
        Description = "Where the first click goes: center, farthest from the edge (default), or random (points-N)",
        HelpName = "center|random",
    };

    private readonly Option<int?> _seed = CommonOptions.Number("--seed", "Draws random first clicks (points-N; default: 0)", least: 0);

    private readonly Option<int?> _pointsPerSide = CommonOptions.Number(
        "--points-per-side", "Side of the grid of points (proposals: 64, everything-miou and similar: 32, edges: 16)", least: 1, most: 256);

    private readonly Option<int?> _maxImages = CommonOptions.Number(
        "--max-images", "Measure only the first pictures (measures of papers)", least: 1);

    public MeasureArguments()
    {
        Check(_iou, "masks", "boxes");
        Check(_maskChoice, "best", "first");
        Check(_firstPoint, "center", "random");
        CommonOptions.Check(_maxDetections, (_, text) => Limits(text));
    }

    /// <summary>All options, for the verb to accept.</summary>
    public Symbol[] Symbols =>
    [
        Boxes, Results, SaveResults, _iou, _noCategories, _maxDetections, _maskChoice, _refine, _firstPoint, _seed, _pointsPerSide,
        _maxImages,
    ];

    /// <summary>The options that cannot be used with <c>--shard</c>, for messages.</summary>
    public string NotShared => $"{Results.Name}, {SaveResults.Name}, {_maxImages.Name}";

    /// <summary>Whether no option is given that cannot be used with <c>--shard</c>.</summary>
    public bool CanBeShared(ParseResult arguments)
        => arguments.GetValue(Results) is null && arguments.GetValue(SaveResults) is null && arguments.GetValue(_maxImages) is null;

    /// <summary>Refuses options that do not apply to the measure.</summary>
    /// <param name="arguments">The parsed arguments, without errors.</param>
    /// <param name="measure">The measure; null for a list of protocols.</param>
    /// <exception cref="UsageException">An option does not apply; the message names the first.</exception>
    public void Require(ParseResult arguments, MeasureName? measure)
    {
        bool counts = arguments.GetValue(Results) is not null;
        foreach ((Option option, MeasureKind[] kinds) in (ReadOnlySpan<(Option, MeasureKind[])>)
        [
            (Results, [MeasureKind.CocoAp, MeasureKind.LvisAp, MeasureKind.Edges]), (Boxes, [MeasureKind.CocoAp, MeasureKind.LvisAp]),
            (SaveResults, [MeasureKind.CocoAp, MeasureKind.LvisAp]), (_iou, [MeasureKind.CocoAp, MeasureKind.LvisAp]),
            (_noCategories, [MeasureKind.CocoAp]), (_maxDetections, [MeasureKind.CocoAp]),
            (_maskChoice, [MeasureKind.CocoAp, MeasureKind.LvisAp, MeasureKind.Points]),
            (_refine, [MeasureKind.CocoAp, MeasureKind.LvisAp]), (_firstPoint, [MeasureKind.Points]), (_seed, [MeasureKind.Points]),
            (_pointsPerSide, [MeasureKind.Proposals, MeasureKind.EverythingMiou, MeasureKind.Edges, MeasureKind.Similar]),
            (_maxImages, Enum.GetValues<MeasureKind>()),
        ])
        {
            if (arguments.GetResult(option) is null or { Implicit: true })
                continue;
            if (measure is not { } some || !kinds.Contains(some.Kind))
                throw new UsageException($"{option.Name} says nothing to this protocol");
            if (counts && (option == Boxes || option == SaveResults || option == _maskChoice || option == _refine || option == _pointsPerSide
                || option == _maxImages))
                throw new UsageException($"{option.Name} is for a model's masks: leave out {Results.Name}");
        }
    }

    /// <summary>The options of the measure.</summary>
    public MeasureOptions Options(
        ParseResult arguments, MeasureName measure, int? minArea, int? maxMasks, int? imageSize, DataSetOptions sets) => new()
        {
            Clicks = measure.Clicks > 0 ? measure.Clicks : Defaults.Clicks,
            FirstPoint = arguments.GetValue(_firstPoint) == "random" ? FirstPoint.Random : FirstPoint.Center,
            Seed = (ulong)(arguments.GetValue(_seed) ?? 0),
            Selection = arguments.GetValue(_maskChoice) == "first" ? MaskSelection.First : MaskSelection.Best,
            Refines = arguments.GetValue(_refine),
            PointsPerSide = arguments.GetValue(_pointsPerSide),
            MinArea = minArea ?? Defaults.MinArea,
            MaxMasks = maxMasks,
            MaxImages = arguments.GetValue(_maxImages),
            ImageSize = imageSize,
            Failures = sets.Failures(arguments),
        };

    /// <summary>The rules by which detections are evaluated.</summary>
    public DetectionOptions Rules(ParseResult arguments, MeasureName measure)
    {
        var rules = new DetectionOptions
        {
            ComparesBoxes = arguments.GetValue(_iou) == "boxes",
            UsesCategories = !arguments.GetValue(_noCategories),
            UsesLvisRules = measure.Kind == MeasureKind.LvisAp,
        };
        return arguments.GetValue(_maxDetections) is { } text ? rules with { MaxDetections = Limits(text) } : rules;
    }

    private static int[] Limits(string text)
    {
        int[] limits =
        [
            .. text.Split(',', StringSplitOptions.TrimEntries).Select(part
                => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0),
        ];
        return limits is [>= 1 and int a, int b, <= 100_000 and int c] && a < b && b < c
            ? limits : throw new FormatException($"'{text}' is not three ascending numbers from 1 to 100000, as in 1,10,100");
    }

    private static void Check(Option<string?> option, params string[] words) => CommonOptions.Check(option, (_, text) =>
    {
        if (!words.Contains(text))
            throw new FormatException($"'{text}' is neither {string.Join(" nor ", words)}");
    });
}
