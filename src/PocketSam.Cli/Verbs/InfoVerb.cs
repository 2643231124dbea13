using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using PocketSam.Checkpoints;
using PocketSam.Cli.Reports;
using PocketSam.Layers;
using PocketSam.Models;
using PocketSam.Segmentation;

namespace PocketSam.Cli.Verbs;

/// <summary><c>info</c>: what a model or its file holds.</summary>
internal sealed class InfoVerb : Verb
{
    private const double Giga = 1e9;

    /// <summary>A single point, filled up by the token that says there is no box.</summary>
    private const int PointTokens = 2;

    private readonly Argument<string> _model = new("MODEL")
    {
        Description = "'default', a file, or the name of an architecture",
        DefaultValueFactory = _ => Sam.DefaultName,
    };

    public InfoVerb()
        : base("info", "Show what a model holds", "info default", "info runs/first/model.safetensors --json -")
        => Accept(_model);

    protected override void Execute(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        InfoReport report = Describe(arguments.GetRequiredValue(_model));
        TextWriter text = TextOf(arguments, terminal);
        text.WriteLine($"model         {report.Model.Name}");
        text.WriteLine($"architecture  {report.Model.Architecture}");
        text.WriteLine(Text($"parameters    {report.Model.Parameters:N0}"));
        text.WriteLine(Text($"input size    {report.Model.ImageSize}"));
        GmacReport gmac = report.Gmac;
        text.WriteLine(Text($"GMAC          encoder {gmac.Encoder:0.00}, decoder {gmac.Decoder:0.00} a prompt"));
        string types = string.Join(", ", report.Types.Select(type => $"{type.Value} {type.Key}"));
        text.WriteLine(report.Tensors == 0
            ? "tensors       none: the name of an architecture"
            : Text($"tensors       {types}; {report.Bytes / 1e6:0.0} MB"));
        WriteKeys(text, "missing", report.Missing);
        WriteKeys(text, "unknown", report.Unknown);
        WriteKeys(text, "misshapen", report.Misshapen);
        WriteJson(arguments, terminal, report, InfoJson.Default.InfoReport);
    }

    private static InfoReport Describe(string name)
    {
        SamConfig? known = File.Exists(name) ? null : ModelZoo.Find(name);
        Checkpoint? checkpoint = known is null ? Sam.ReadCheckpoint(name) : null;
        SamConfig config = known ?? ModelZoo.FromCheckpoint(checkpoint!);
        SamModel model = SamModel.Create(config, seed: 0);
        IReadOnlyDictionary<string, StoredTensor> tensors
            = checkpoint?.Tensors ?? new Dictionary<string, StoredTensor>();
        Dictionary<string, StateEntry> expected = model.State.Entries.ToDictionary(entry => entry.Key);
        return new InfoReport(
            new ModelReport(name, config.Name, model.Parameters, config.ImageSize),
            JsonSerializer.Deserialize(ModelZoo.ToJson(config), InfoJson.Default.JsonElement),
            new GmacReport(
                Flops.Encoder(config, config.ImageSize) / Giga,
                Flops.Decoder(config, config.ImageSize, PointTokens) / Giga),
            tensors.Count,
            tensors.Values.Sum(tensor => (long)tensor.Data.Length),
            tensors.Values.GroupBy(tensor => tensor.Type).ToDictionary(g => g.Key.ToString(), g => g.Count()),
            checkpoint is null ? [] : [.. expected.Keys.Where(key => !tensors.ContainsKey(key))],
            [.. tensors.Keys.Where(key => !expected.ContainsKey(key) && !SamModel.IsUnused(key))],
            [.. tensors.Where(t => expected.TryGetValue(t.Key, out StateEntry? entry)
                && !t.Value.Shape.SequenceEqual(entry.StoredShape)).Select(t => t.Key)]);
    }

    private static void WriteKeys(TextWriter text, string what, IReadOnlyList<string> keys)
    {
        if (keys.Count == 0)
            return;
        text.WriteLine($"{what,-13} {keys.Count} tensors:");
        foreach (string key in keys)
            text.WriteLine($"  {key}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
