using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam.Training.Evaluation;

/// <summary>The outcome of an evaluation, as <c>pocketsam evaluate --json</c> writes it.</summary>
/// <param name="Model">The model's name or file.</param>
/// <param name="Data">The data set's file.</param>
/// <param name="Images">Pictures with at least one mask measured.</param>
/// <param name="Masks">Masks measured.</param>
/// <param name="Protocols">Results by <see cref="EvaluationProtocol.Name"/>, in the order asked for.</param>
public sealed record EvaluationReport(
    string Model, string Data, int Images, int Masks, IReadOnlyDictionary<string, ProtocolResult> Protocols)
{
    /// <summary>What the boxes alone give, where the model was asked by boxes.</summary>
    public BaselineResult? Baselines { get; init; }

    /// <summary>How well and how fast everything was found, by mode, where that was asked for.</summary>
    public IReadOnlyDictionary<string, EverythingResult>? Everything { get; init; }

    /// <summary>Masks of the first protocol that came out best, best first, one of a picture; not part of the JSON.</summary>
    [JsonIgnore]
    public IReadOnlyList<EvaluationCase> Best { get; init; } = [];

    /// <summary>Those that came out worst, worst first.</summary>
    [JsonIgnore]
    public IReadOnlyList<EvaluationCase> Worst { get; init; } = [];

    /// <summary>The same as tables, for a page.</summary>
    public MeasureReport ToMeasure()
    {
        List<MeasureTable> tables =
        [
            new(
                "by prompt", ["mean IoU", "accepted", "best of those offered"],
                [.. Protocols.Select(p => new MeasureRow(p.Key, [p.Value.MeanIou, p.Value.AcceptedShare, p.Value.OracleMeanIou]))]),
        ];
        if (Baselines is { } baselines)
            tables.Add(new MeasureTable("without a model", ["mean IoU"], [new("the box", [baselines.Box]), new("its ellipse", [baselines.Ellipse])]));
        if (Everything is { } everything)
        {
            tables.Add(new MeasureTable(
                "everything mode", ["mean IoU", "masks a picture", "seconds a picture"],
                [.. everything.Select(e => new MeasureRow(e.Key, [e.Value.MeanIou, e.Value.MasksPerPicture, e.Value.SecondsPerPicture]))]));
        }

        return new MeasureReport(
            string.Join(',', Protocols.Keys), Model, Data,
            new Dictionary<string, string>
            {
                ["masks"] = Masks.ToString(CultureInfo.InvariantCulture),
                ["accepted"] = string.Create(CultureInfo.InvariantCulture, $"IoU of at least {ProtocolResult.AcceptedIou}"),
            },
            tables)
        {
            Images = Images, Best = Best, Worst = Worst,
        };
    }

    /// <summary>Writes the report as indented UTF-8 JSON; the keys are the properties' names in snake case.</summary>
    public void WriteJson(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        JsonSerializer.Serialize(stream, this, EvaluationJsonContext.Default.EvaluationReport);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(EvaluationReport))]
[JsonSerializable(typeof(AgreementReport))]
internal sealed partial class EvaluationJsonContext : JsonSerializerContext;
