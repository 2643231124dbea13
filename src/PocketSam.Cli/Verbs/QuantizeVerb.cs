using System.CommandLine;
using System.Globalization;
using System.IO.Enumeration;
using PocketSam.Cli.Pictures;
using PocketSam.Cli.Reports;
using PocketSam.Training.Benchmarks;
using PocketSam.Training.Evaluation;

namespace PocketSam.Cli.Verbs;

/// <summary><c>quantize</c>: a model whose image encoder computes with whole numbers of 8 bits, and what that costs.</summary>
internal sealed class QuantizeVerb : Verb
{
    private const string Dynamic = "dynamic";
    private const int TimedRuns = 5;
    private static readonly EvaluationOptions Defaults = new();

    private readonly Argument<string> _input = new("IN") { Description = "A file that holds a model, not quantised yet; those that come with PocketSam are" };

    private readonly Argument<string> _output = new("OUT")
    {
        Description = "The file to write; its extension, .safetensors, .pt or .pth, is the format",
    };

    private readonly Option<string> _method = new("--method")
    {
        Description = "How scales are found: dynamic, of each row of what goes into a product while it runs, so that no pictures are needed",
        HelpName = Dynamic,
        DefaultValueFactory = _ => Dynamic,
    };

    private readonly Option<string[]> _floats = new("--float")
    {
        Description = "Keys of layers whose products stay floats, for instance 'image_encoder.neck.*'; may be repeated",
        HelpName = "PATTERN",
    };

    private readonly Option<string?> _data = new("--data")
    {
        Description = "A COCO instance file to measure both models on: mean IoU by box and by one click, and how alike their masks are",
        HelpName = "FILE.json",
    };

    private readonly Option<int?> _maxMasks = CommonOptions.Number("--max-masks", "Measure only the first masks", least: 1);

    private readonly DataSetOptions _sets = new();

    public QuantizeVerb()
        : base(
            "quantize", "Make a model compute with whole numbers of 8 bits", "quantize mobile_sam.pt mobile_sam.int8.safetensors",
            "quantize mine.safetensors small.safetensors --data coco/val.json",
            "quantize mine.safetensors small.safetensors --float 'image_encoder.neck.*'")
    {
        _method.AcceptOnlyFromAmong(Dynamic);
        Accept([_input, _output, _method, _floats, _data, _maxMasks, .. _sets.Symbols]);
    }

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        files.ReadModel(arguments.GetRequiredValue(_input));
        files.Read(arguments.GetValue(_data));
        files.Write(arguments.GetRequiredValue(_output));
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string input = arguments.GetRequiredValue(_input), output = arguments.GetRequiredValue(_output);
        OutputPath.Require(output, ".safetensors", ".pt", ".pth");
        CocoDataset? data = arguments.GetValue(_data) is { } path ? _sets.Load(arguments, path) : null;
        if (data is not null)
            Files.Read(data.Images.Select(image => image.Path));

        using Checkpoint checkpoint = Sam.ReadCheckpoint(input);
        IReadOnlyList<string> layers = ModelQuantizer.IntegerLayers(checkpoint);
        string[] floats = [.. Floats(arguments, layers)];
        var info = new QuantizationInfo { Arithmetic = QuantizedArithmetic.Int8, FloatLayers = floats };
        Checkpoint result = ModelQuantizer.Quantize(checkpoint, info, cancellation);
        CheckpointFile.Write(output, result.Tensors, result.Metadata, cancellation: cancellation);

        TextWriter text = TextOf(terminal);
        long before = checkpoint.Length, after = new FileInfo(output).Length;
        if (before == 0)
            before = checkpoint.Tensors.Values.Sum(tensor => tensor.ByteLength);
        text.WriteLine(Text($"wrote {output}: {after / 1e6:0.00} MB where {input} has {before / 1e6:0.00}"));
        text.WriteLine(Text($"{layers.Count - floats.Length} layers compute with whole numbers ({ModelQuantizer.Instructions}), {floats.Length} stay floats"));
        Sam old = Sam.Load(input), quantised = Sam.Load(output);
        BeforeAndAfter times = Time(old, quantised, cancellation);
        text.WriteLine(Text($"encode {times.Before:0.0} ms before, {times.After:0.0} ms after: {times.Before / times.After:0.00} times as fast"));
        QuantizedQuality? quality = data is null ? null : Compare(old, quantised, data, arguments, terminal, cancellation);
        if (quality is not null)
        {
            text.WriteLine(Text($"{quality.Data}, {quality.Masks} masks: mean IoU by box {quality.Box.Before:0.0000} before, {quality.Box.After:0.0000} after"));
            text.WriteLine(Text($"by one click {quality.Click.Before:0.0000} before, {quality.Click.After:0.0000} after"));
            text.WriteLine(Text($"masks of the two agree to {quality.BoxAgreement:0.0000} by box, {quality.ClickAgreement:0.0000} by one click"));
        }

        _sets.Tell(text);
        WriteJson(
            arguments, terminal,
            new QuantizeReport(
                input, output, arguments.GetRequiredValue(_method), before, after, layers.Count - floats.Length, floats,
                ModelQuantizer.Instructions, times, quality),
            QuantizeJson.Default.QuantizeReport);
        _sets.ThrowIfFailed();
    }

    /// <summary>The layers that stay floats; a pattern that none has is a mistake.</summary>
    private IEnumerable<string> Floats(ParseResult arguments, IReadOnlyList<string> layers)
    {
        string[] patterns = arguments.GetValue(_floats) ?? [];
        foreach (string pattern in patterns)
        {
            if (!layers.Any(layer => FileSystemName.MatchesSimpleExpression(pattern, layer, ignoreCase: false)))
                throw new UsageException($"{_floats.Name} {pattern}: no layer that could compute with whole numbers has such a key");
        }

        return layers.Where(layer => patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, layer, ignoreCase: false)));
    }

    /// <summary>Medians of encoding a black square, both models in turn.</summary>
    private static BeforeAndAfter Time(Sam before, Sam after, CancellationToken cancellation)
    {
        var picture = new RgbImage(before.Config.ImageSize, before.Config.ImageSize);
        var meter = new Meter(ComputeThreads.Count, TimedRuns, new Progress<string>(), cancellation);
        IReadOnlyList<Measurement> times = meter.MeasureInTurn(flops: 0, ("before", () => Encode(before)), ("after", () => Encode(after)));
        return new BeforeAndAfter(times[0].MedianMs, times[1].MedianMs);

        void Encode(Sam sam) => sam.Encode(picture, cancellation: cancellation).Dispose();
    }

    private QuantizedQuality Compare(
        Sam before, Sam after, CocoDataset data, ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var options = new EvaluationOptions
        {
            Protocols = [EvaluationProtocol.Box, EvaluationProtocol.Clicks(1)],
            MaxMasks = arguments.GetValue(_maxMasks),
            Failures = _sets.Failures(arguments),
        };
        PictureReader reader = _sets.Reader(arguments);
        EvaluationReport old = Evaluate(before, "before"), quantised = Evaluate(after, "after");
        AgreementReport agreement = terminal.WithProgress("comparing", progress => new AgreementEvaluator(after, before, reader, new AgreementOptions
        {
            Protocols = [AgreementProtocol.Box, AgreementProtocol.Click],
            MinArea = Defaults.MinArea,
            MaxMasks = arguments.GetValue(_maxMasks),
            Failures = _sets.Failures(arguments),
        }).Run(data, new PicturesDone(progress), cancellation));
        return new QuantizedQuality(
            data.Path, old.Masks, Of(EvaluationProtocol.Box), Of(EvaluationProtocol.Clicks(1)),
            agreement.Protocols[AgreementProtocol.Box.Name].MeanIou, agreement.Protocols[AgreementProtocol.Click.Name].MeanIou);

        EvaluationReport Evaluate(Sam sam, string name) => terminal.WithProgress(
            $"evaluating {name}", progress => new Evaluator(sam, reader, options).Run(data, new PicturesDone(progress), cancellation));

        BeforeAndAfter Of(EvaluationProtocol protocol)
            => new(old.Protocols[protocol.Name].MeanIou, quantised.Protocols[protocol.Name].MeanIou);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
