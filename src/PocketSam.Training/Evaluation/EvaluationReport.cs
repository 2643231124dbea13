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
    /// <summary>The baselines; null without the protocol <c>box</c>.</summary>
    public BaselineResult? Baselines { get; init; }

    /// <summary>Results of everything mode, by mode; null if it is not measured.</summary>
    public IReadOnlyDictionary<string, EverythingResult>? Everything { get; init; }

    /// <summary>The best masks of the first protocol, best first, one per picture; not part of the JSON.</summary>
    [JsonIgnore]
    public IReadOnlyList<EvaluationCase> Best { get; init; } = [];

    /// <summary>The worst masks of the first protocol, worst first, one per picture; not part of the JSON.</summary>
    [JsonIgnore]
    public IReadOnlyList<EvaluationCase> Worst { get; init; } = [];

    /// <summary>Makes the report from records of the pictures.</summary>
    /// <param name="model">The model's name or file.</param>
    /// <param name="data">The data set's file.</param>
    /// <param name="protocols">The protocols, in the order of the report.</param>
    /// <param name="records">The records of the pictures, in the order of the data set.</param>
    /// <exception cref="DataFormatException">There is no mask, or a value is missing or is not an IoU.</exception>
    public static EvaluationReport Of(
        string model, string data, IReadOnlyList<EvaluationProtocol> protocols, IReadOnlyCollection<PictureRecord> records)
    {
        ArgumentNullException.ThrowIfNull(protocols);
        ArgumentNullException.ThrowIfNull(records);
        int masks = records.Sum(record => record.Masks);
        if (masks == 0)
            throw new DataFormatException(data, "no mask was measured");
        double Mean(string name) => Of(name).MeanIou;
        ProtocolResult Of(string name)
        {
            try
            {
                IouAccumulator ious = PictureRecord.Gather(records, name);
                return ious.Count == masks ? ious.ToResult() : throw new DataFormatException(data, $"{name}: {ious.Count} values of {masks}");
            }
            catch (ArgumentOutOfRangeException)
            {
                throw new DataFormatException(data, $"{name}: a value is not from 0 to 1, or above that of the best mask");
            }
        }

        return new EvaluationReport(model, data, records.Count, masks, protocols.ToDictionary(p => p.Name, p => Of(p.Name)))
        {
            Baselines = protocols.Contains(EvaluationProtocol.Box)
                ? new BaselineResult(Mean(PictureRecord.BaselineBox), Mean(PictureRecord.BaselineEllipse)) : null,
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
