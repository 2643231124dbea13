using System.CommandLine;
using PocketSam.Imaging;
using PocketSam.Segmentation;
using PocketSam.Training.Data;
using PocketSam.Training.Evaluation;

namespace PocketSam.Cli.Verbs;

/// <summary><c>evaluate</c>: mean IoU of a model on a data set.</summary>
internal sealed class EvaluateVerb : Verb
{
    private static readonly EvaluationOptions Defaults = new();

    private readonly Option<string> _data = new("--data")
    {
        Description = "A COCO instance file; pictures are found beside it", HelpName = "FILE.json", Required = true,
    };

    private readonly Option<string> _protocols = new("--protocol")
    {
        Description = "How the model is prompted: box, 1-click ... 20-click",
        HelpName = "LIST",
        DefaultValueFactory = _ => string.Join(',', Defaults.Protocols),
    };

    private readonly Option<int?> _minArea = CommonOptions.Number(
        "--min-area", "Pass over masks of fewer pixels", least: 1, Defaults.MinArea);

    private readonly Option<int?> _maxMasks = CommonOptions.Number(
        "--max-masks", "Measure only the first masks", least: 1);

    private readonly Option<bool> _everything = new("--everything")
    {
        Description = "Find everything in each picture too, by both modes: best IoU of each true mask, and time",
    };

    private readonly Option<string> _model = CommonOptions.Model();
    private readonly Option<int?> _imageSize = CommonOptions.ImageSize();

    public EvaluateVerb()
        : base(
            "evaluate", "Measure a model on a data set with masks",
            "evaluate --data coco/val.json --protocol box,1-click,3-click",
            "evaluate --data coco/val.json --protocol 1-click --everything")
    {
        _protocols.Validators.Add(result =>
        {
            try
            {
                foreach (string text in result.Tokens.Select(token => token.Value))
                    EvaluationProtocol.ParseList(text);
            }
            catch (FormatException e)
            {
                result.AddError($"{_protocols.Name}: {e.Message}");
            }
        });
        Accept(_data, _protocols, _minArea, _maxMasks, _everything, _model, _imageSize);
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string path = arguments.GetRequiredValue(_data);
        CocoDataset data = CocoDataset.Load(path);
        Sam sam = Sam.Resolve(arguments.GetRequiredValue(_model));
        var options = new EvaluationOptions
        {
            Protocols = EvaluationProtocol.ParseList(arguments.GetRequiredValue(_protocols)),
            MinArea = arguments.GetValue(_minArea) ?? Defaults.MinArea,
            MaxMasks = arguments.GetValue(_maxMasks),
            ImageSize = arguments.GetValue(_imageSize),
        };
        var evaluator = new Evaluator(sam, picture => ImageFile.Read(picture), options);

        EvaluationReport report = terminal.WithProgress(
            "evaluating", progress => evaluator.Run(data, new Share(progress), cancellation));
        TextWriter text = TextOf(arguments, terminal);
        text.WriteLine($"{report.Model} on {report.Data}: {report.Masks} masks in {report.Images} pictures");
        foreach ((string name, ProtocolResult result) in report.Protocols)
        {
            string oracle = result.OracleMeanIou is { } value
                ? FormattableString.Invariant($", best of three {value:0.0000}") : "";
            text.WriteLine(FormattableString.Invariant($"{name,-9} mean IoU {result.MeanIou:0.0000}") + oracle);
        }

        if (report.Baselines is { } baselines)
        {
            text.WriteLine(FormattableString.Invariant(
                $"baselines mean IoU {baselines.Box:0.0000} of the box itself, {baselines.Ellipse:0.0000} of its ellipse"));
        }

        if (arguments.GetValue(_everything))
        {
            report = report with { Everything = Everything(sam, options, data, terminal, cancellation) };
            foreach ((string mode, EverythingResult result) in report.Everything)
            {
                text.WriteLine(FormattableString.Invariant(
                    $"everything, {mode}: best mask's mean IoU {result.MeanIou:0.0000}, {result.MasksPerPicture:0.0} masks and ")
                    + FormattableString.Invariant($"{result.SecondsPerPicture:0.000} s a picture"));
            }
        }

        WriteJson(arguments, terminal, report, EvaluationJsonContext.Default.EvaluationReport);
    }

    private static Dictionary<string, EverythingResult> Everything(
        Sam sam, EvaluationOptions options, CocoDataset data, Terminal terminal, CancellationToken cancellation)
        => Enum.GetValues<MaskGeneratorMode>().ToDictionary(
            mode => mode.ToString().ToLowerInvariant(),
            mode =>
            {
                var generator = new MaskGenerator(sam, MaskGeneratorOptions.For(sam.Config) with { Mode = mode });
                var evaluator = new EverythingEvaluator(generator, picture => ImageFile.Read(picture), options);
                return terminal.WithProgress(
                    "finding everything", progress => evaluator.Run(data, new Share(progress), cancellation));
            });

    /// <summary>Pictures done as a fraction of all.</summary>
    private sealed class Share(IProgress<double> target) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => target.Report((double)value.Pictures / value.AllPictures);
    }
}
