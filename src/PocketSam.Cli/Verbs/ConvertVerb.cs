using System.CommandLine;
using System.Globalization;
using PocketSam.Cli.Reports;
using PocketSam.Onnx;

namespace PocketSam.Cli.Verbs;

/// <summary><c>convert</c>: writes a checkpoint in another format or precision.</summary>
internal sealed class ConvertVerb : Verb
{
    /// <summary>Fraction of the work that the check for overflow takes, for progress.</summary>
    private const double Checking = 0.4;

    private static readonly Dictionary<string, DataType> Types = new()
    {
        ["float32"] = DataType.Float32, ["float16"] = DataType.Float16, ["int8"] = DataType.Int8,
    };

    private readonly Argument<string> _input = new("IN") { Description = "A .pt, .pth or .safetensors file, or one of ONNX to have the weights of" };

    private readonly Argument<string> _output = new("OUT")
    {
        Description = "The file to write; its extension, .safetensors, .pt or .pth, is the format",
    };

    private readonly Option<string?> _type = new("--dtype")
    {
        Description = "Precision of floating tensors (default: each keeps its own); running statistics stay as they are. int8 is of weights alone: "
            + "they are unpacked when the model is loaded ('quantize' makes models that compute with whole numbers)",
        HelpName = string.Join('|', Types.Keys),
    };

    private readonly Option<string?> _architecture = new("--architecture")
    {
        Description = "Write down that it is this one, for a file that does not say so, as when PyTorch has saved a small model: "
            + string.Join(", ", ModelZoo.All.Select(c => c.Name)),
        HelpName = "NAME",
    };

    private readonly Option<string?> _decoder = new("--decoder")
    {
        Description = "Where IN is an image encoder of ONNX: its mask decoder, whose weights are written to the same file", HelpName = "FILE.onnx",
    };

    private readonly Option<double?> _predIou = CommonOptions.Share(
        "--pred-iou-thresh", "Write down the least predicted IoU of this model's masks of everything, for one whose own is lower than SAM's 0.88");

    private readonly Option<double?> _stability = CommonOptions.Share(
        "--stability-score-thresh", "Write down the least stability score of this model's masks of everything (SAM's: 0.95)");

    public ConvertVerb()
        : base(
            "convert", "Write a checkpoint in another format or precision", "convert sam_vit_b_01ec64.pth sam_vit_b.safetensors",
            "convert mobile_sam.pt mobile_sam.half.safetensors --dtype float16",
            "convert mobile_sam.pt mobile_sam.small.safetensors --dtype int8", "convert tuned.pt tuned.safetensors --architecture pocket",
            "convert encoder.onnx mine.safetensors --decoder decoder.onnx",
            "convert tuned.safetensors mine.safetensors --pred-iou-thresh 0.5 --stability-score-thresh 0.7")
    {
        _type.AcceptOnlyFromAmong([.. Types.Keys]);
        Accept(_input, _output, _type, _architecture, _decoder, _predIou, _stability);
    }

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        files.Read(arguments.GetRequiredValue(_input), arguments.GetValue(_decoder));
        files.Write(arguments.GetRequiredValue(_output));
    }

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string input = arguments.GetRequiredValue(_input), output = arguments.GetRequiredValue(_output);
        OutputPath.Require(output, ".safetensors", ".pt", ".pth");
        DataType? type = arguments.GetValue(_type) is { } name ? Types[name] : null;

        using Checkpoint checkpoint = Read(arguments, input, out IReadOnlyList<string> missing);
        SamConfig? config = Architecture(arguments, checkpoint);
        Checkpoint source = WithThresholds(checkpoint, config, arguments);
        ConvertReport report = terminal.WithProgress(
            "converting", progress => Convert(source, output, config, type, progress, cancellation));
        TextWriter text = TextOf(terminal);
        text.WriteLine($"architecture  {report.Architecture ?? "not recognised"}");
        text.WriteLine(Text($"read          {input}: {report.InputFormat}, {report.BytesRead / 1e6:0.0} MB"));
        text.WriteLine(Text($"wrote         {output}: {report.Tensors} tensors, {report.BytesWritten / 1e6:0.0} MB"));
        if (missing.Count > 0)
            text.WriteLine(Text($"missing       {missing.Count} tensors of the architecture, the first: {missing[0]}"));
        if (type is not null)
            text.WriteLine(Text($"converted     {report.Converted} tensors to {type}"));
        WriteJson(arguments, terminal, report, ConvertJson.Default.ConvertReport);
    }

    /// <summary>Reads the checkpoint, or the weights of ONNX files.</summary>
    private Checkpoint Read(ParseResult arguments, string input, out IReadOnlyList<string> missing)
    {
        string? decoder = arguments.GetValue(_decoder);
        missing = [];
        if (string.Equals(Path.GetExtension(input), ".onnx", StringComparison.OrdinalIgnoreCase))
        {
            SamConfig? stated = arguments.GetValue(_architecture) is { } name
                ? ModelZoo.Find(name) ?? throw new UsageException($"{_architecture.Name} {name}: not known") : null;
            return OnnxWeights.Read(decoder is null ? [input] : [input, decoder], stated, out missing);
        }

        if (decoder is not null)
            throw new UsageException($"{_decoder.Name} is for files of ONNX");
        return CheckpointFile.Read(input);
    }

    private static ConvertReport Convert(
        Checkpoint checkpoint, string output, SamConfig? config, DataType? type, IProgress<double> progress,
        CancellationToken cancellation)
    {
        // Tensors that cannot be converted are found before anything is written.
        Checkpoint wanted = type switch
        {
            null => checkpoint,
            DataType.Int8 => ModelQuantizer.Quantize(checkpoint, new QuantizationInfo(), cancellation),
            { } target => Floats(checkpoint, target, new Share(progress, 0, Checking), cancellation),
        };
        var metadata = new Dictionary<string, string>(wanted.Metadata);
        if (config is not null)
            metadata.TryAdd(ModelZoo.MetadataKey, ModelZoo.ToJson(config));
        CheckpointFile.Write(output, wanted.Tensors, metadata, new Share(progress, Checking, 1), cancellation);
        return new ConvertReport(
            checkpoint.Source, output, config?.Name, checkpoint.Format == CheckpointFormat.Memory ? "onnx" : FormatNames.Of(checkpoint.Format),
            FormatNames.Of(CheckpointFile.FormatOf(output)!.Value), wanted.Tensors.Count,
            wanted.Tensors.Count(tensor => tensor.Value != checkpoint.Tensors[tensor.Key]), checkpoint.Tensors.Values.Sum(t => t.ByteLength),
            wanted.Tensors.Values.Sum(t => t.ByteLength));
    }

    /// <summary>Converts the floating-point tensors of a checkpoint to another precision.</summary>
    private static Checkpoint Floats(Checkpoint checkpoint, DataType type, IProgress<double> progress, CancellationToken cancellation)
    {
        long all = checkpoint.Tensors.Values.Sum(tensor => tensor.ByteLength), done = 0;
        var tensors = new Dictionary<string, StoredTensor>();
        foreach ((string key, StoredTensor tensor) in checkpoint.Tensors)
        {
            cancellation.ThrowIfCancellationRequested();
            tensors[key] = tensor.IsFloating && !CheckpointFile.IsRunningStatistic(key) ? tensor.ConvertTo(type) : tensor;
            if (tensors[key] != tensor && !tensor.Fits(type))
                throw new CheckpointFormatException(checkpoint.Source, $"tensor {key}: holds a value too large for {type}");
            done += tensor.ByteLength;
            progress.Report((double)done / Math.Max(1, all));
        }

        return checkpoint with
        {
            Tensors = tensors,
            Metadata = checkpoint.Metadata.Where(pair => pair.Key != QuantizationInfo.MetadataKey).ToDictionary(),
        };
    }

    /// <summary>
    /// The architecture that the file states or its tensors show, else the one given, which the tensors must fit.
    /// </summary>
    private SamConfig? Architecture(ParseResult arguments, Checkpoint checkpoint)
    {
        SamConfig? known = Recognition.Of(checkpoint, out _);
        if (arguments.GetValue(_architecture) is not { } name || checkpoint.Format == CheckpointFormat.Memory)
            return known;
        SamConfig stated = ModelZoo.Find(name) ?? throw new UsageException($"{_architecture.Name} {name}: not known");
        if (checkpoint.Metadata.ContainsKey(ModelZoo.MetadataKey))
            throw new UsageException($"{_architecture.Name}: {checkpoint.Source} says itself that it is {known?.Name}");
        ModelDescription found = ModelDescription.Of(stated, checkpoint);
        foreach ((string what, IReadOnlyList<string> keys) in new[] { ("has no", found.Missing), ("has another shape of", found.Misshapen) })
        {
            if (keys is [var first, ..])
                throw new IOException($"{checkpoint.Source}: is no {name}: {what} {first}");
        }

        return stated;
    }

    /// <summary>The checkpoint with the thresholds that are given in its metadata; others stay as they are.</summary>
    private Checkpoint WithThresholds(Checkpoint checkpoint, SamConfig? config, ParseResult arguments)
    {
        double? predIou = arguments.GetValue(_predIou), stability = arguments.GetValue(_stability);
        if (predIou is null && stability is null)
            return checkpoint;
        if (config is null)
            throw new UsageException($"{(predIou is null ? _stability : _predIou).Name}: {checkpoint.Source} holds no model of SAM's kind");
        MaskThresholds before = config.MaskThresholds ?? new MaskThresholds();
        var thresholds = before with { PredIou = (float?)predIou ?? before.PredIou, StabilityScore = (float?)stability ?? before.StabilityScore };
        return checkpoint with
        {
            Metadata = new Dictionary<string, string>(checkpoint.Metadata)
            {
                [ModelZoo.MetadataKey] = ModelZoo.ToJson(config with { MaskThresholds = thresholds }),
            },
        };
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Maps the progress of a part to that of the whole work.</summary>
    private sealed class Share(IProgress<double> whole, double start, double end) : IProgress<double>
    {
        public void Report(double value) => whole.Report(start + (end - start) * value);
    }
}
