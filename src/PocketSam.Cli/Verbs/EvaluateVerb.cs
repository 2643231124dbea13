using System.CommandLine;
using System.Globalization;
using PocketSam.Cli.Measures;
using PocketSam.Cli.Onnx;
using PocketSam.Cli.Pictures;
using PocketSam.Cli.Reports;
using PocketSam.Cli.Sharding;
using PocketSam.Cli.Words;
using PocketSam.Training.Evaluation;
using PocketSam.Training.Evaluation.Detections;
using PocketSam.Training.Evaluation.Edges;
using PocketSam.Training.Words;

namespace PocketSam.Cli.Verbs;

/// <summary><c>evaluate</c>: measures a model on a data set, against its masks or those of another model.</summary>
internal sealed class EvaluateVerb : Verb
{
    private static readonly EvaluationOptions Defaults = new();
    private static readonly AgreementOptions AgreementDefaults = new();

    private readonly Option<string> _data = new("--data")
    {
        Description = "A COCO instance file; pictures are found beside it, or by --images. For edges a folder of boundaries, "
            + "BSDS500's .mat files or PNG maps NAME_1.png, NAME_2.png ... of its annotators",
        HelpName = "FILE.json|DIR", Required = true,
    };

    /// <summary>The protocol of words, which cannot be combined with others.</summary>
    private const string WordsProtocol = "words";

    private readonly Option<string?> _protocols = new("--protocol")
    {
        Description =
            $"How the model is prompted: box, 1-click ... 20-click, 1-click-multi for SAM's choice among three masks (default: {string.Join(',', Defaults.Protocols)}); "
            + $"or {WordsProtocol}: the words that the model knows, on masks with names; "
            + "with --teacher box, 1-click, and 2-points-D, a point on and one off the object, D of 1024 pixels apart "
            + $"(default: {string.Join(',', AgreementDefaults.Protocols)}); or one of the papers' measures: {MeasureName.All}",
        HelpName = "LIST|MEASURE",
    };

    private readonly Option<string?> _teacher = new("--teacher")
    {
        Description = "Compare with this model's masks for the same prompts, instead of the true ones",
        HelpName = "default|FILE",
    };

    private readonly Option<int?> _teacherImageSize = CommonOptions.InputSize("--teacher-image-size", "teacher");

    private readonly Option<int?> _minArea = CommonOptions.Number(
        "--min-area",
        $"Pass over masks of fewer pixels (default: {Defaults.MinArea}; of the papers' measures 1; AP and AR look at all)", least: 1);

    private readonly Option<int?> _maxMasks = CommonOptions.Number(
        "--max-masks", "Measure only the first masks", least: 1);

    private readonly Option<bool> _everything = new("--everything")
    {
        Description = "Find everything in each picture too, by both modes: best IoU of each true mask, and time",
    };

    private readonly Option<bool> _zoom = new("--zoom")
    {
        Description = "Look closer at each object, as 'segment --zoom' does: boxes and clicks only, and as many encodings as prompts",
    };

    private readonly Option<string?> _report = new("--report")
    {
        Description = "Write report.html, tables and pictures of best and worst cases, and report.json",
        HelpName = "DIR",
    };

    private readonly ShareOption _share = new();

    private readonly Option<string?> _parts = new("--parts")
    {
        Description = "With --shard, or in a Slurm job array: the folder where each share leaves what it measured, for 'merge'; of all measures "
            + $"but {WordsProtocol}, with --everything and --teacher too",
        HelpName = "DIR",
    };

    private readonly MeasureArguments _measures = new();
    private readonly Option<string?> _maskRule = FastSamArguments.MaskRule();

    private readonly Option<string?> _names = new("--names")
    {
        Description = $"With --protocol {WordsProtocol}: names of masks by picture and annotation, for data without categories",
        HelpName = "FILE.json",
    };

    private readonly DataSetOptions _sets = new();
    private readonly Option<string> _model = CommonOptions.Model();
    private readonly Option<int?> _imageSize = CommonOptions.ImageSize();
    private readonly Option<string?> _device = DeviceNames.Option("Compute the image encoder by ONNX Runtime on this (docs/gpu.md)");

    public EvaluateVerb()
        : base(
            "evaluate", "Measure a model on a data set with masks",
            "evaluate --data coco/val.json --protocol box,1-click,3-click",
            "evaluate --data coco/val.json --protocol 1-click --everything",
            "evaluate --data coco/val.json --protocol box,1-click,3-click --zoom --model quality",
            "evaluate --data coco/val.json --protocol points-9 --first-point random --seed 1 --report points",
            "evaluate --data coco/val.json --protocol noc-20",
            "evaluate --data coco/val.json --protocol coco-ap --boxes detector.json --report ap",
            "evaluate --data coco/val.json --results detector.json --iou boxes",
            "evaluate --data animals/val.json --protocol words",
            "evaluate --data coco/val.json --protocol noc-20 --shard 1/4 --parts measured",
            "evaluate --data coco/val.json --model student.safetensors --teacher mobile_sam.pt --image-size 512",
            "evaluate --data coco/val.json --model FastSAM-s.pt --everything")
    {
        CommonOptions.Check(_protocols, (result, text) =>
        {
            if (text == WordsProtocol || result.GetValue(_teacher) is null && MeasureName.Parse(text) is not null)
                return;
            if (result.GetValue(_teacher) is null)
                EvaluationProtocol.ParseList(text);
            else
                AgreementProtocol.ParseList(text);
        });
        Accept(
            [
                _data, _protocols, _minArea, _maxMasks, _everything, _zoom, _maskRule, _model, _imageSize, _device, _teacher, _teacherImageSize,
                _names, _report, _share.Symbol, _parts, .. _measures.Symbols, .. _sets.Symbols,
            ]);
    }

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        files.Read(
            arguments.GetRequiredValue(_data), arguments.GetValue(_measures.Boxes), arguments.GetValue(_measures.Results));
        files.ReadModel(arguments.GetRequiredValue(_model));
        files.ReadModel(arguments.GetValue(_teacher));
        files.Read(arguments.GetValue(_names));
        if (arguments.GetValue(_measures.SaveResults) is { } results)
            OutputPath.Require(results, ".json");
        files.Write(arguments.GetValue(_measures.SaveResults));
        if (arguments.GetValue(_report) is not { } folder)
            return;
        OutputPath.RequireFolder(folder);
        var report = new ReportFolder(folder);
        files.Write(report.Page, report.Json);
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string? teacher = arguments.GetValue(_teacher);
        if (teacher is null && arguments.GetValue(_teacherImageSize) is not null)
            throw new UsageException($"{_teacherImageSize.Name} needs {_teacher.Name}");
        if (teacher is not null && arguments.GetValue(_everything))
            throw new UsageException($"{_everything.Name} compares with the true masks: leave out {_teacher.Name}");
        string model = arguments.GetRequiredValue(_model);
        bool isFastSam = FastSamArguments.Are(model), measuresWords = arguments.GetValue(_protocols) == WordsProtocol;
        if (measuresWords ? teacher is not null || arguments.GetValue(_everything) : arguments.GetValue(_names) is not null)
            throw new UsageException($"--protocol {WordsProtocol} goes without {_teacher.Name} and {_everything.Name}, and {_names.Name} with it alone");
        MeasureName? measure = teacher is not null || measuresWords ? null : MeasureName.Parse(arguments.GetValue(_protocols))
            ?? (arguments.GetValue(_measures.Results) is null ? null : new MeasureName(MeasureKind.CocoAp));
        if (arguments.GetValue(_zoom) && (teacher is not null || measuresWords || isFastSam || measure is not null))
            throw new UsageException($"{_zoom.Name} looks closer at boxes and clicks that are compared with true masks: it goes with no other measure, {_teacher.Name} or FastSAM");
        if (_share.IsGiven(arguments) && arguments.GetValue(_parts) is null)
            throw new UsageException($"{_share.Symbol.Name} needs {_parts.Name}, where the share leaves what it measured");
        if (arguments.GetValue(_parts) is not null)
        {
            if (measuresWords || arguments.GetValue(_report) is not null || arguments.GetValue(_maxMasks) is not null || !_measures.CanBeShared(arguments))
            {
                throw new UsageException(
                    $"a share leaves what each of its pictures gave, for 'merge': leave out {_report.Name}, {_maxMasks.Name}, {_measures.NotShared}, "
                    + $"and {_protocols.Name} {WordsProtocol}");
            }

            if (WantsJson(arguments))
                throw new UsageException("the report of all shares is made by 'merge --json'");
        }

        _measures.Require(arguments, measure);
        if (isFastSam && (measuresWords || measure is not null && arguments.GetValue(_measures.Results) is null))
            throw new UsageException($"{_protocols.Name} {arguments.GetValue(_protocols)} measures models of SAM's kind, which FastSAM is not");
        if (measure is { } one)
        {
            if (arguments.GetValue(_everything))
                throw new UsageException($"{_everything.Name} says nothing to this protocol");
            Measure(one, arguments, terminal, cancellation);
            _sets.ThrowIfFailed();
            return;
        }

        CocoDataset data = LoadSet(arguments);
        if (isFastSam)
        {
            FastSamArguments.Refuse(arguments, "FastSAM", _teacher, _device);
            CompareFastSam(FastSam.Load(model), data, arguments, terminal, cancellation);
            _sets.ThrowIfFailed();
            return;
        }

        FastSamArguments.Refuse(arguments, "this model, which is not FastSAM", _maskRule);
        using DeviceModel loaded = Load(arguments, cancellation);
        Sam sam = loaded.Sam;
        if (measuresWords)
            MeasureWords(sam, data, arguments, terminal, cancellation);
        else if (teacher is null)
            CompareWithTruth(sam, data, arguments, terminal, cancellation);
        else
            CompareWithTeacher(sam, Sam.Load(teacher), data, arguments, terminal, cancellation);
        _sets.ThrowIfFailed();
    }

    private void Measure(MeasureName measure, ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        PictureReader reader = _sets.Reader(arguments);
        if (arguments.GetValue(_measures.Results) is { } results)
        {
            FastSamArguments.Refuse(arguments, "results of a file", _device);
            WriteResult(terminal.WithProgress("counting", progress => measure.Kind == MeasureKind.Edges
                ? EdgeMeasure.Count(results, reader, LoadBoundaries(arguments), new PicturesDone(progress), cancellation)
                : DetectionMeasure.Count(
                    Detections.Load(results, LoadTruths(arguments)), _measures.Rules(arguments, measure), progress, cancellation)));
            return;
        }

        using DeviceModel loaded = Load(arguments, cancellation);
        Sam sam = loaded.Sam;
        MeasureOptions options = _measures.Options(
            arguments, measure, arguments.GetValue(_minArea), arguments.GetValue(_maxMasks), arguments.GetValue(_imageSize), _sets);
        switch (measure.Kind)
        {
            case MeasureKind.CocoAp or MeasureKind.LvisAp:
                DetectionTruths truths = LoadTruths(arguments);
                Run(
                    DetectionMeasure.PromptBoxes(
                        sam, reader, truths, LoadBoxes(arguments, truths), options, _measures.Rules(arguments, measure)),
                    outcome =>
                    {
                        if (arguments.GetValue(_measures.SaveResults) is { } saved)
                            outcome.Masks.Save(saved);
                        WriteResult(outcome.Report);
                    });
                break;
            case MeasureKind.Proposals:
                Run(DetectionMeasure.Propose(sam, reader, LoadTruths(arguments), options), WriteResult);
                break;
            case MeasureKind.Edges:
                Run(EdgeMeasure.Of(sam, reader, LoadBoundaries(arguments), options), WriteResult);
                break;
            case MeasureKind.Similar:
                Run(SimilarMeasure.Of(sam, reader, LoadSet(arguments), options), WriteResult);
                break;
            case MeasureKind.Noc:
                Run(NocMeasure.Of(sam, reader, LoadSet(arguments), options), WriteResult);
                break;
            case MeasureKind.EverythingMiou:
                Run(EverythingMeasure.Of(sam, reader, LoadSet(arguments), options), WriteResult);
                break;
            default:
                Run(PointMeasure.Of(sam, reader, LoadSet(arguments), options), WriteResult);
                break;
        }

        void Run<TReport>(PictureMeasure<TReport> what, Action<TReport> write) => MeasureOrShare(
            "measuring", what, () => FactsOf(arguments, options.MinArea, FactsOf(sam, options.ImageSize)), write, arguments, terminal, cancellation);

        void WriteResult(MeasureReport report)
        {
            TextWriter text = TextOf(terminal);
            MeasureText.Write(text, report);
            WriteReport(arguments, text, report, reader);
            _sets.Report(text);
            WriteJson(arguments, terminal, report, EvaluateJson.Default.MeasureReport);
        }
    }

    /// <summary>
    /// Measures all pictures and writes the result, or with <c>--parts</c> writes a share for <c>merge</c>.
    /// </summary>
    private void MeasureOrShare<TReport>(
        string what, PictureMeasure<TReport> measure, Func<Dictionary<string, string>> facts, Action<TReport> write, ParseResult arguments,
        Terminal terminal, CancellationToken cancellation)
    {
        if (arguments.GetValue(_parts) is not { } folder)
        {
            write(terminal.WithProgress(what, progress => measure.Run(new PicturesDone(progress), cancellation)));
            return;
        }

        OutputPath.RequireFolder(folder);
        TextWriter text = TextOf(terminal);
        Share share = _share.Of(arguments, text)
            ?? throw new UsageException($"{_parts.Name} needs {_share.Symbol.Name}, or a Slurm job array");
        Dictionary<string, string> all = facts();
        (int pictures, int present) = terminal.WithProgress(
            what, progress => MeasurePart.Write(folder, share, measure, all, new PicturesDone(progress), cancellation));
        text.WriteLine(
            $"{pictures} pictures of {measure.Pictures.Count} in share {share}, {present} of them measured before; 'merge {folder}' joins the shares");
        _sets.Report(text);
    }

    /// <summary>The settings that determine the numbers, in addition to those of the measure.</summary>
    private Dictionary<string, string> FactsOf(ParseResult arguments, int minArea, params IEnumerable<(string Name, string Value)> models)
    {
        string data = arguments.GetRequiredValue(_data);
        var facts = new Dictionary<string, string>();
        foreach ((string name, string value) in models)
            facts[name] = value;
        facts[MeasurePart.Digest] = PartDigest.Of(Directory.Exists(data) ? _sets.LoadBoundaries(arguments, data).Files : [data]);
        facts["least area"] = minArea.ToString(CultureInfo.InvariantCulture);
        facts["pictures"] = _sets.OrientationOf(arguments);
        if (_sets.ImagesOf(arguments) is { } images)
            facts[MeasurePart.Images] = images;
        if (arguments.GetValue(_measures.Boxes) is { } boxes)
            facts["SHA-256 of the boxes"] = PartDigest.Of([boxes]);
        return facts;
    }

    private static (string Name, string Value)[] FactsOf(Sam sam, int? imageSize, string whose = "") =>
    [
        (whose + "encoder", sam.Fingerprint), (whose + "decoder", sam.DecoderFingerprint),
        (whose + "input size", (imageSize ?? sam.Config.ImageSize).ToString(CultureInfo.InvariantCulture)),
    ];

    private DeviceModel Load(ParseResult arguments, CancellationToken cancellation) => DeviceModel.Load(
        arguments.GetRequiredValue(_model), arguments.GetValue(_device), arguments.GetValue(_imageSize), cancellation);

    private void WriteReport(ParseResult arguments, TextWriter text, MeasureReport report, PictureReader reader)
    {
        if (arguments.GetValue(_report) is not { } folder)
            return;
        var files = new ReportFolder(folder);
        files.Write(report, reader, "pocketsam " + string.Join(' ', arguments.Tokens.Select(token => token.Value)));
        text.WriteLine($"report: {files.Page}");
    }

    private CocoDataset LoadSet(ParseResult arguments)
    {
        CocoDataset data = _sets.Load(arguments, arguments.GetRequiredValue(_data));
        Files.Read(data.Images.Select(image => image.Path));
        return data;
    }

    private DetectionTruths LoadTruths(ParseResult arguments)
    {
        DetectionTruths truths = _sets.LoadTruths(arguments, arguments.GetRequiredValue(_data));
        Files.Read(truths.Images.Select(image => image.Path));
        return truths;
    }

    private Detections? LoadBoxes(ParseResult arguments, DetectionTruths truths)
        => arguments.GetValue(_measures.Boxes) is { } path ? Detections.Load(path, truths) : null;

    private BoundaryTruths LoadBoundaries(ParseResult arguments)
    {
        BoundaryTruths truths = _sets.LoadBoundaries(arguments, arguments.GetRequiredValue(_data));
        Files.Read(truths.Files);
        return truths;
    }

    private void CompareFastSam(
        FastSam fast, CocoDataset data, ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        IReadOnlyList<EvaluationProtocol> protocols = arguments.GetValue(_protocols) is { } list
            ? EvaluationProtocol.ParseList(list) : FastSamEvaluator.DefaultProtocols;
        if (protocols.Contains(EvaluationProtocol.OneClickMulti))
            throw new UsageException($"{_protocols.Name} {EvaluationProtocol.OneClickMulti}: a rule for SAM's three masks, which FastSAM has not");
        var byDefault = new FastSamOptions();
        FastSamOptions options = byDefault with
        {
            ImageSize = arguments.GetValue(_imageSize) ?? byDefault.ImageSize,
            MaskRule = FastSamArguments.RuleOf(arguments.GetValue(_maskRule)),
        };
        var evaluation = new EvaluationOptions
        {
            Protocols = protocols,
            MinArea = arguments.GetValue(_minArea) ?? Defaults.MinArea,
            MaxMasks = arguments.GetValue(_maxMasks),
            FindsEverything = arguments.GetValue(_everything),
            Failures = _sets.Failures(arguments),
        };
        PictureReader reader = _sets.Reader(arguments);
        MeasureOrShare(
            "evaluating", new FastSamEvaluator(fast, options, reader, evaluation).On(data),
            () => FactsOf(
                arguments, evaluation.MinArea, ("SHA-256 of the model", PartDigest.Of([fast.Name])), ("mask rule", options.MaskRule.ToString()),
                ("input size", options.ImageSize.ToString(CultureInfo.InvariantCulture))),
            report => WriteResult(report, reader, arguments, terminal), arguments, terminal, cancellation);
    }

    private void WriteResult(EvaluationReport report, PictureReader reader, ParseResult arguments, Terminal terminal)
    {
        TextWriter text = TextOf(terminal);
        EvaluationText.Write(report, text);
        WriteReport(arguments, text, report.ToMeasure(), reader);
        _sets.Report(text);
        WriteJson(arguments, terminal, report, EvaluateJson.Default.EvaluationReport);
    }

    private void MeasureWords(Sam sam, CocoDataset data, ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        NamedPicture[] pictures = [.. NameList.Of(data, arguments.GetValue(_names) is { } path ? NameList.Read(path) : null)];
        if (pictures.Length == 0)
            throw new UsageException($"{data.Path}: no mask has a name but 'object'; {_names.Name} gives them some");
        var evaluator = new WordEvaluator(sam, _sets.Reader(arguments));
        WordReport report = terminal.WithProgress("asking", progress => evaluator.Run(pictures, progress, cancellation));
        TextWriter text = TextOf(terminal);
        text.WriteLine($"the words of {sam.Name} on {data.Path}");
        WordLines.Write(report with { Words = [.. report.Words.Where(word => word.Pictures > 0)] }, text);
        _sets.Report(text);
        WriteJson(arguments, terminal, report, WordsJson.Default.WordReport);
    }

    private void CompareWithTruth(
        Sam sam, CocoDataset data, ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var options = new EvaluationOptions
        {
            Protocols = arguments.GetValue(_protocols) is { } list
                ? EvaluationProtocol.ParseList(list) : Defaults.Protocols,
            MinArea = arguments.GetValue(_minArea) ?? Defaults.MinArea,
            MaxMasks = arguments.GetValue(_maxMasks),
            ImageSize = arguments.GetValue(_imageSize),
            FindsEverything = arguments.GetValue(_everything),
            Zooms = arguments.GetValue(_zoom),
            Failures = _sets.Failures(arguments),
        };
        PictureReader reader = _sets.Reader(arguments);
        MeasureOrShare(
            "evaluating", new Evaluator(sam, reader, options).On(data),
            () => FactsOf(arguments, options.MinArea, FactsOf(sam, options.ImageSize)),
            report => WriteResult(report, reader, arguments, terminal), arguments, terminal, cancellation);
    }

    private void CompareWithTeacher(
        Sam student, Sam teacher, CocoDataset data, ParseResult arguments, Terminal terminal,
        CancellationToken cancellation)
    {
        var options = new AgreementOptions
        {
            Protocols = arguments.GetValue(_protocols) is { } list
                ? AgreementProtocol.ParseList(list) : AgreementDefaults.Protocols,
            MinArea = arguments.GetValue(_minArea) ?? AgreementDefaults.MinArea,
            MaxMasks = arguments.GetValue(_maxMasks),
            ImageSize = arguments.GetValue(_imageSize),
            TeacherImageSize = arguments.GetValue(_teacherImageSize),
            Failures = _sets.Failures(arguments),
        };
        PictureReader reader = _sets.Reader(arguments);
        MeasureOrShare(
            "comparing", new AgreementEvaluator(student, teacher, reader, options).On(data),
            () => FactsOf(
                arguments, options.MinArea,
                [.. FactsOf(student, options.ImageSize), .. FactsOf(teacher, options.TeacherImageSize, "the teacher's ")]),
            report =>
            {
                TextWriter text = TextOf(terminal);
                AgreementText.Write(report, text);
                WriteReport(arguments, text, report.ToMeasure(), reader);
                _sets.Report(text);
                WriteJson(arguments, terminal, report, EvaluateJson.Default.AgreementReport);
            },
            arguments, terminal, cancellation);
    }
}
