using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using PocketSam.Cli.Onnx;
using PocketSam.Cli.Reports;
using PocketSam.Cli.Words;
using PocketSam.Onnx;
using PocketSam.Training.Distillation;

namespace PocketSam.Cli.Verbs;

/// <summary><c>info</c>: describes a model, its file or a cache of embeddings.</summary>
internal sealed class InfoVerb : Verb
{
    /// <summary>What the keys of a training's optimizer begin with, in a checkpoint that it goes on from.</summary>
    private const string OptimizerKeys = "optimizer.";

    private const double Giga = 1e9;
    private const string FastSamLicence = "AGPL-3.0 is what the programs of FastSAM and ultralytics are under, and ultralytics claims it for "
        + "models made with them; PocketSam ships none";

    private readonly Argument<string> _model = new("MODEL")
    {
        Description = "'default', a file of weights or of ONNX, the name of an architecture, or a folder that 'embed --cache' wrote",
        DefaultValueFactory = _ => Sam.PreferredName,
    };

    public InfoVerb()
        : base(
            "info", "Show what a model, a checkpoint, a file of ONNX or a cache holds", "info default", "info sam_vit_b_01ec64.pth",
            "info exported/encoder.onnx", "info runs/first/model.safetensors --json -")
        => Accept(_model);

    protected override void Declare(ParseResult arguments, RunFiles files)
        => files.ReadModel(arguments.GetRequiredValue(_model));

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string name = arguments.GetRequiredValue(_model);
        TextWriter text = TextOf(terminal);
        if (Directory.Exists(name))
        {
            WriteJson(arguments, terminal, DescribeCache(name, text), InfoJson.Default.CacheReport);
            return;
        }

        if (IsOnnx(name))
        {
            WriteJson(arguments, terminal, OnnxDescription.Write(OnnxFile.Read(name), text), InfoJson.Default.OnnxReport);
            return;
        }

        InfoReport report = Describe(name);
        text.WriteLine($"model         {name}");
        if (report.File is { } file)
        {
            text.WriteLine(Text($"file          {file.Format}, {file.Bytes / 1e6:0.0} MB"));
            if (file.Container.Length > 0)
                text.WriteLine($"state dict    under {EscapingWriter.OneLine(file.Container)}");
            if (file.Prefix.Length > 0)
                text.WriteLine($"prefix        {file.Prefix} taken off all keys");
        }

        if (report.File?.KeysOf is { } library)
            text.WriteLine($"keys          those of {library}, read as SAM's");
        if (report is { Model: { } model, Gmac: { } gmac })
        {
            text.WriteLine($"architecture  {model.Architecture}");
            text.WriteLine(Text($"parameters    {model.Parameters:N0}"));
            text.WriteLine(Text($"input size    {model.ImageSize}"));
            text.WriteLine(Text($"GMAC          encoder {gmac.Encoder:0.00}, decoder {gmac.Decoder:0.00} a prompt"));
        }
        else
        {
            text.WriteLine($"architecture  not recognised: {report.NotRecognised}");
            text.WriteLine(Text($"values        {report.Values:N0}"));
        }

        if (report.Licence is not null)
            text.WriteLine($"licence       {report.Licence}");
        string types = string.Join(", ", report.Types.Select(type => $"{type.Value} {type.Key}"));
        text.WriteLine(report.File is null
            ? "tensors       none: the name of an architecture"
            : Text($"tensors       {types}; {report.Bytes / 1e6:0.0} MB"));
        if (report.Quantization is { } quantization)
        {
            string but = quantization.FloatLayers.Count > 0 ? $", but for {quantization.FloatLayers.Count} layers" : "";
            text.WriteLine(quantization.Arithmetic == "int8"
                ? $"arithmetic    int8 in the encoder's products{but} ({quantization.Instructions})"
                : "arithmetic    floats; weights are stored with 8 bits");
        }

        if (report.Simulated is { } simulated)
        {
            text.WriteLine(
                $"simulates     {Bits(simulated.WeightBits)} of weights and {Bits(simulated.ActivationBits)} of activations in float32: "
                + $"{simulated.Layers} layers, {simulated.Intervals} intervals; the weights are floats and computed with as they are");
        }

        if (report.Words is { } words)
        {
            text.WriteLine(Text($"words         {words.Count} for --text, asked on pictures that they were not learned from:"));
            WordLines.Write(words, text);
        }

        WriteKeys(text, "missing", report.Missing);
        ILookup<bool, string> unknown = report.Unknown.ToLookup(key => key.StartsWith(OptimizerKeys, StringComparison.Ordinal));
        if (unknown[true].Any())
            text.WriteLine($"training      {unknown[true].Count()} tensors of the optimizer: --resume goes on from this file");
        WriteKeys(text, "unknown", [.. unknown[false]]);
        WriteKeys(text, "misshapen", report.Misshapen);
        foreach (TensorReport tensor in report.Contents ?? [])
            text.WriteLine($"  {EscapingWriter.OneLine(tensor.Key)} {tensor.Type} [{string.Join(", ", tensor.Shape)}]");
        text.WriteLine($"computes with {VectorWidth.Advice ?? $"vectors of {VectorWidth.Used} bits"}");
        WriteJson(arguments, terminal, report, InfoJson.Default.InfoReport);
    }

    private static bool IsOnnx(string name)
        => Path.GetExtension(name).Equals(".onnx", StringComparison.OrdinalIgnoreCase) && File.Exists(name);

    private static CacheReport DescribeCache(string folder, TextWriter text)
    {
        using EmbeddingCache cache = EmbeddingCache.Open(folder);
        text.WriteLine($"cache         {folder}");
        text.WriteLine($"teacher       {cache.Teacher}, fingerprint {cache.Fingerprint}");
        text.WriteLine(Text($"input size    {cache.InputSize}"));
        text.WriteLine(Text($"embeddings    {cache.Count}, Float16 [{cache.Side}, {cache.Side}, {cache.Channels}]"));
        text.WriteLine(Text($"shards        {cache.Shards}, {cache.Bytes / 1e6:0.0} MB"));
        foreach (string torn in cache.Torn)
            text.WriteLine($"torn          {torn}");
        return new CacheReport(
            folder, cache.Teacher, cache.Fingerprint, cache.InputSize, [cache.Side, cache.Side, cache.Channels],
            cache.Count, cache.Shards, cache.Bytes, cache.Torn);
    }

    private static InfoReport Describe(string name)
    {
        if (!File.Exists(name) && ModelZoo.Find(name) is { } known)
            return Describe(name, null, known, null);
        using Checkpoint checkpoint = Sam.ReadCheckpoint(name);
        if (FastSam.Recognizes(checkpoint))
            return DescribeFastSam(name, checkpoint);
        SamConfig? config = Recognition.Of(checkpoint, out string? reason);
        return Describe(name, checkpoint, config, reason);
    }

    private static InfoReport DescribeFastSam(string name, Checkpoint checkpoint)
    {
        try
        {
            FastSam fast = FastSam.Load(name);
            int side = new FastSamOptions().ImageSize;
            return Describe(name, checkpoint, null, null) with
            {
                Model = ModelReport.Of(fast, side),
                Gmac = new GmacReport(fast.MultiplyAdds(side, side) / Giga, 0),
                Licence = FastSamLicence,
                Contents = null,
            };
        }
        catch (CheckpointFormatException e)
        {
            return Describe(name, checkpoint, null, e.Reason);
        }
    }

    private static InfoReport Describe(string name, Checkpoint? checkpoint, SamConfig? config, string? reason)
    {
        ModelDescription? model = config is null ? null : ModelDescription.Of(config, checkpoint);
        IReadOnlyDictionary<string, StoredTensor> tensors
            = checkpoint?.Tensors ?? new Dictionary<string, StoredTensor>();
        return new InfoReport(
            config is null ? null : new ModelReport(name, config.Name, model!.Parameters, config.ImageSize),
            reason,
            config is null ? null : JsonSerializer.Deserialize(ModelZoo.ToJson(config), InfoJson.Default.JsonElement),
            model is null ? null : new GmacReport(model.EncoderMacs / Giga, model.DecoderMacs / Giga),
            checkpoint is null ? null : new FileReport(
                checkpoint.Source, FormatNames.Of(checkpoint.Format), checkpoint.Length, checkpoint.Container,
                checkpoint.Prefix, checkpoint.KeysOf),
            tensors.Count,
            tensors.Values.Sum(tensor => tensor.Count),
            tensors.Values.Sum(tensor => tensor.ByteLength),
            tensors.Values.GroupBy(tensor => tensor.Type).ToDictionary(g => g.Key.ToString(), g => g.Count()),
            model?.Missing ?? [],
            model?.Unknown ?? [],
            model?.Misshapen ?? [],
            new VectorReport(VectorWidth.Used, VectorWidth.OfProcessor, VectorWidth.Advice),
            checkpoint is null || QuantizationInfo.Of(checkpoint) is not { } info ? null : new QuantizationReport(
                info.Arithmetic == QuantizedArithmetic.Int8 ? "int8" : "float", info.FloatLayers, ModelQuantizer.Instructions),
            checkpoint?.Simulated is not { } simulated ? null : new SimulatedReport(
                simulated.Layers, simulated.WeightBits, simulated.ActivationBits, simulated.Intervals.Count),
            null,
            checkpoint is null ? null : WordVocabulary.Of(checkpoint)?.Words,
            config is not null
                ? null : [.. tensors.Select(t => new TensorReport(t.Key, t.Value.Type.ToString(), t.Value.Shape))]);
    }

    private static void WriteKeys(TextWriter text, string what, IReadOnlyList<string> keys)
    {
        if (keys.Count == 0)
            return;
        text.WriteLine($"{what,-13} {keys.Count} tensors:");
        foreach (string key in keys)
            text.WriteLine($"  {EscapingWriter.OneLine(key)}");
    }

    private static string Bits(int? bits) => bits is { } known ? Text($"{known} bits") : "few bits";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
