using System.CommandLine;
using System.Globalization;
using PocketSam.Cli.Charts;
using PocketSam.Cli.Pictures;
using PocketSam.Cli.Quantizing;
using PocketSam.Cli.Reports;
using PocketSam.Training.Quantization;

namespace PocketSam.Cli.Verbs;

/// <summary><c>quantize</c>: writes a model with few bits, and measures the loss.</summary>
internal sealed class QuantizeVerb : Verb
{
    private const string Dynamic = "dynamic";
    private static readonly CalibrationOptions Defaults = new();
    private static readonly RangeMetric[] Metrics = Enum.GetValues<RangeMetric>();

    private readonly Argument<string> _input = new("IN") { Description = "A file that holds a model, not quantised yet; those that come with PocketSam are" };

    private readonly Argument<string> _output = new("OUT")
    {
        Description = "The file to write; its extension, .safetensors, .pt or .pth, is the format",
    };

    private readonly Option<string> _method = new("--method")
    {
        Description = "How scales are found: dynamic, of each row of what goes into a product while it runs, computed with whole numbers; or once, "
            + "on photos, simulated with floats: min-max, mse or hessian (TinySAM, PTQ4ViT)",
        HelpName = string.Join('|', [Dynamic, .. Metrics.Select(CalibratedQuantization.NameOf)]),
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

    private readonly Option<string?> _calibrate = new("--calibrate")
    {
        Description = "A COCO instance file with photos to calibrate on: ranges of all methods but dynamic, or the sensitivity of layers",
        HelpName = "FILE.json",
    };

    private readonly Option<int?> _photos = CommonOptions.Number(
        "--photos", "Photos to calibrate on", least: 1, byDefault: Defaults.Photos, most: 1024);

    private readonly Option<int?> _bits = CommonOptions.Number(
        "--bits", "Bits of weights and of what goes into products; dynamic has 8", least: 2, byDefault: Defaults.Bits, most: 8);

    private readonly Option<bool> _singleRange = new("--single-range")
    {
        Description = "One range for what comes out of softmax and GELU in place of two",
    };

    private readonly Option<int?> _seed = CommonOptions.Number("--seed", "Chooses photos, prompts and rows", least: 0, byDefault: (int)Defaults.Seed);

    private readonly Option<string?> _sensitivity = new("--sensitivity")
    {
        Description = "Measure on the photos what whole numbers in each layer alone do to the embedding, and draw it",
        HelpName = "FILE.svg",
    };

    private readonly Option<double?> _budget = CommonOptions.Share(
        "--budget", "Leave the most sensitive layers floats until masks by box have this mean IoU with those of the original model, on --data");

    private readonly DataSetOptions _sets = new();

    public QuantizeVerb()
        : base(
            "quantize", "Make a model compute with whole numbers of 8 bits", "quantize mobile_sam.pt mobile_sam.int8.safetensors",
            "quantize mine.safetensors small.safetensors --data coco/val.json",
            "quantize clip-vit-b-32.safetensors clip.int8.safetensors",
            "quantize mine.safetensors small.safetensors --calibrate coco/train.json --sensitivity layers.svg",
            "quantize mine.safetensors small.safetensors --calibrate coco/train.json --data coco/val.json --budget 0.99",
            "quantize mine.safetensors w6a6.safetensors --method hessian --bits 6 --calibrate coco/train.json --data coco/val.json")
    {
        _method.AcceptOnlyFromAmong([Dynamic, .. Metrics.Select(CalibratedQuantization.NameOf)]);
        Accept(
        [
            _input, _output, _method, _floats, _data, _maxMasks, _calibrate, _photos, _bits, _singleRange, _seed, _sensitivity, _budget,
            .. _sets.Symbols,
        ]);
    }

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        files.ReadModel(arguments.GetRequiredValue(_input));
        files.Read(arguments.GetValue(_data));
        files.Read(arguments.GetValue(_calibrate));
        files.Write(arguments.GetRequiredValue(_output));
        files.Write(arguments.GetValue(_sensitivity));
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string input = arguments.GetRequiredValue(_input), output = arguments.GetRequiredValue(_output);
        OutputPath.Require(output, ".safetensors", ".pt", ".pth");
        if (arguments.GetValue(_sensitivity) is { } picture)
            OutputPath.Require(picture, ".svg");
        TextWriter text = TextOf(terminal);
        using Checkpoint checkpoint = Sam.ReadCheckpoint(input);
        if (Clip.Recognizes(checkpoint))
        {
            FastSamArguments.Refuse(arguments, "a CLIP", _method, _data, _calibrate, _sensitivity, _budget, _bits, _singleRange);
            QuantizeReport ofClip = QuantizedClip.Write(input, output, arguments.GetValue(_floats) ?? [], _floats.Name, terminal, cancellation);
            ofClip.WriteTo(text);
            WriteJson(arguments, terminal, ofClip, QuantizeJson.Default.QuantizeReport);
            return;
        }

        bool isDynamic = arguments.GetRequiredValue(_method) == Dynamic;
        RequireFit(arguments, isDynamic);
        CocoDataset? data = Load(arguments, _data), photos = Load(arguments, _calibrate);
        QuantizeReport report = isDynamic
            ? WithWholeNumbers(checkpoint, data, photos, arguments, terminal, cancellation)
            : Simulated(checkpoint, data, photos!, arguments, terminal, cancellation);
        report.WriteTo(text);
        _sets.Report(text);
        WriteJson(arguments, terminal, report, QuantizeJson.Default.QuantizeReport);
        _sets.ThrowIfFailed();
    }

    /// <summary>Refuses options of the other kind of method.</summary>
    private void RequireFit(ParseResult arguments, bool isDynamic)
    {
        string method = arguments.GetRequiredValue(_method);
        if (isDynamic)
        {
            Option? foreign = arguments.GetValue(_singleRange) ? _singleRange : arguments.GetValue(_bits) != Defaults.Bits ? _bits : null;
            if (foreign is not null)
                throw new UsageException($"{foreign.Name} is for ranges found on photos: add {_method.Name} hessian");
        }
        else
        {
            Option? foreign = arguments.GetValue(_floats) is { Length: > 0 } ? _floats
                : arguments.GetValue(_sensitivity) is not null ? _sensitivity : arguments.GetValue(_budget) is not null ? _budget : null;
            if (foreign is not null)
                throw new UsageException($"{foreign.Name} is for whole numbers, {_method.Name} {Dynamic}; {method} is simulated in all layers");
        }

        bool needsPhotos = !isDynamic || arguments.GetValue(_sensitivity) is not null || arguments.GetValue(_budget) is not null;
        if (needsPhotos && arguments.GetValue(_calibrate) is null)
            throw new UsageException($"photos are needed: add {_calibrate.Name} with a COCO instance file");
        if (arguments.GetValue(_budget) is not null && arguments.GetValue(_data) is null)
            throw new UsageException($"{_budget.Name} is measured: add {_data.Name} with a COCO instance file");
    }

    private CocoDataset? Load(ParseResult arguments, Option<string?> option)
    {
        if (arguments.GetValue(option) is not { } path)
            return null;
        CocoDataset data = _sets.Load(arguments, path);
        Files.Read(data.Images.Select(image => image.Path));
        return data;
    }

    private QuantizeReport WithWholeNumbers(
        Checkpoint checkpoint, CocoDataset? data, CocoDataset? photos, ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string input = arguments.GetRequiredValue(_input), output = arguments.GetRequiredValue(_output);
        IReadOnlyList<string> layers = ModelQuantizer.IntegerLayers(checkpoint);
        string[] floats = FloatLayers.Named(layers, arguments.GetValue(_floats) ?? [], _floats.Name);
        double? budget = arguments.GetValue(_budget);
        string? chart = arguments.GetValue(_sensitivity);
        IReadOnlyList<LayerSensitivity>? sensitivity = budget is null && chart is null ? null : terminal.WithProgress(
            "measuring layers", progress => LayerSensitivity.Measure(
                checkpoint, photos!, _sets.Reader(arguments), arguments.GetValue(_photos)!.Value, (ulong)arguments.GetValue(_seed)!.Value, progress,
                cancellation));
        Sam old = Sam.Load(input);
        QuantizedComparison? comparison = data is null ? null : new(old, data, _sets, arguments, arguments.GetValue(_maxMasks));
        if (budget is { } least)
        {
            floats = FloatLayers.Fewest(
                    sensitivity!, floats, some => comparison!.BoxAgreement(Sam.FromCheckpoint(Quantize(checkpoint, some), output), terminal, cancellation) >= least)
                ?? throw new UsageException(
                    $"{_budget.Name} {least.ToString(CultureInfo.InvariantCulture)}: masks agree less even with all layers as floats, because their "
                    + "weights have 8 bits");
        }

        Checkpoint result = Quantize(checkpoint, floats);
        CheckpointFile.Write(output, result.Tensors, result.Metadata, cancellation: cancellation);
        if (chart is not null)
            SensitivityChart.Write(input, sensitivity!, floats, chart);
        Sam quantised = Sam.Load(output);
        return new QuantizeReport(
            input, output, Dynamic, BytesOf(checkpoint), new FileInfo(output).Length, layers.Count - floats.Length, floats,
            ModelQuantizer.Instructions, QuantizedComparison.Time(old, quantised, cancellation), comparison?.Compare(quantised, terminal, cancellation))
        {
            Sensitivity = sensitivity is null ? null : [.. sensitivity.Select(layer => new SensitiveLayer(layer.Layer, layer.Error))],
            Chart = chart,
        };
    }

    private QuantizeReport Simulated(
        Checkpoint checkpoint, CocoDataset? data, CocoDataset photos, ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string input = arguments.GetRequiredValue(_input), output = arguments.GetRequiredValue(_output);
        var options = new CalibrationOptions
        {
            Bits = arguments.GetValue(_bits)!.Value,
            Metric = Metrics.Single(metric => CalibratedQuantization.NameOf(metric) == arguments.GetRequiredValue(_method)),
            TwinRanges = !arguments.GetValue(_singleRange),
            Photos = arguments.GetValue(_photos)!.Value,
            Seed = (ulong)arguments.GetValue(_seed)!.Value,
        };
        CalibratedQuantization simulation = terminal.WithProgress("calibrating", progress => CalibratedQuantization.Calibrate(
            checkpoint, photos, _sets.Reader(arguments), options, progress, cancellation));
        Checkpoint result = simulation.ToCheckpoint();
        CheckpointFile.Write(output, result.Tensors, result.Metadata, cancellation: cancellation);
        QuantizedQuality? quality = data is null ? null : new QuantizedComparison(
            Sam.Load(input), data, _sets, arguments, arguments.GetValue(_maxMasks)).Compare(simulation.Sam, terminal, cancellation);
        return new QuantizeReport(
            input, output, arguments.GetRequiredValue(_method), BytesOf(checkpoint), new FileInfo(output).Length, IntegerLayers: 0, FloatLayers: [],
            Instructions: null, EncodeMs: null, quality)
        {
            Bits = options.Bits, HasTwinRanges = options.TwinRanges, SimulatedLayers = simulation.Products + simulation.Attentions,
        };
    }

    private static Checkpoint Quantize(Checkpoint checkpoint, string[] floats) => ModelQuantizer.Quantize(
        checkpoint, new QuantizationInfo { Arithmetic = QuantizedArithmetic.Int8, FloatLayers = floats, Method = Dynamic, Bits = Defaults.Bits });

    private static long BytesOf(Checkpoint checkpoint)
        => checkpoint.Length > 0 ? checkpoint.Length : checkpoint.Tensors.Values.Sum(tensor => tensor.ByteLength);
}
