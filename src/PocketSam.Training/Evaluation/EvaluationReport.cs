using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam.Training.Evaluation;

/// <summary>The result of an evaluation, as <c>pocketsam evaluate --json</c> writes it.</summary>
/// <param name="Model">The model's name or file.</param>
/// <param name="Data">The data set's file.</param>
/// <param name="Images">Number of pictures with at least one measured mask.</param>
/// <param name="Masks">Number of measured masks.</param>
/// <param name="Protocols">Results by <see cref="EvaluationProtocol.Name"/>, in the requested order.</param>
public sealed record EvaluationReport(
    string Model, string Data, int Images, int Masks, IReadOnlyDictionary<string, ProtocolResult> Protocols)
{
    /// <summary>The names of the values of the box baseline and the ellipse baseline.</summary>
    internal const string BaselineBox = "baseline/box", BaselineEllipse = "baseline/ellipse";

    /// <summary>The results of the box baselines; null without the box protocol.</summary>
    public BaselineResult? Baselines { get; init; }

    /// <summary>Whether each object was looked at closer (<see cref="EvaluationOptions.Zooms"/>).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Zoom { get; init; }

    /// <summary>Results of everything mode, by mode; null if it is not measured.</summary>
    public IReadOnlyDictionary<string, EverythingResult>? Everything { get; init; }

    /// <summary>The best masks of the first protocol, best first, one per picture; not part of the JSON.</summary>
    [JsonIgnore]
    public IReadOnlyList<EvaluationCase> Best { get; init; } = [];

    /// <summary>The worst masks of the first protocol, worst first, one per picture; not part of the JSON.</summary>
    [JsonIgnore]
    public IReadOnlyList<EvaluationCase> Worst { get; init; } = [];

    /// <summary>Makes the report from the records of all pictures.</summary>
    /// <param name="facts">
    /// The settings of the measure: model, data, and the names of the results in the order of the report.
    /// </param>
    /// <param name="records">The records of the pictures, in the order of the data set.</param>
    /// <exception cref="DataFormatException">
    /// No mask was measured, or a value is missing or not from 0 to 1.
    /// </exception>
    internal static EvaluationReport Of(IReadOnlyDictionary<string, string> facts, IReadOnlyList<PictureRecord> records)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(records);
        int masks = PictureRecord.MasksOf(facts, records);
        ProtocolResult Of(string name)
        {
            IouAccumulator ious = PictureRecord.Gather(records, name);
            return ious.Count == masks ? ious.ToResult() : throw new DataFormatException($"{name}: {ious.Count} values of {masks}");
        }

        var cases = CaseCollector.Of(records);
        return new EvaluationReport(
            facts.Fact(MeasureFacts.Model), facts.Fact(MeasureFacts.Data), records.Count(record => record.Count > 0), masks,
            facts.Fact(MeasureFacts.Protocols).Split(',').Distinct().ToDictionary(name => name, Of))
        {
            Best = cases.Best, Worst = cases.Worst,
            Zoom = facts.ContainsKey(MeasureFacts.Zoom),
            Baselines = records.Any(record => record.Values.ContainsKey(BaselineBox))
                ? new BaselineResult(Of(BaselineBox).MeanIou, Of(BaselineEllipse).MeanIou) : null,
        };
    }

    /// <summary>The report as tables.</summary>
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

        var settings = new Dictionary<string, string>
        {
            ["masks"] = Masks.ToString(CultureInfo.InvariantCulture),
            ["accepted"] = string.Create(CultureInfo.InvariantCulture, $"IoU of at least {ProtocolResult.AcceptedIou}"),
        };
        if (Zoom)
            settings[MeasureFacts.Zoom] = "each object was looked at closer";
        return new MeasureReport(string.Join(',', Protocols.Keys), Model, Data, settings, tables)
        {
            Images = Images, Best = Best, Worst = Worst,
        };
    }

    /// <summary>Writes the report as indented UTF-8 JSON, with the properties' names in snake case as keys.</summary>
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
