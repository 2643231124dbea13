using System.Text.Json.Serialization;
using PocketSam.Training.Evaluation;

namespace PocketSam.Cli.Reports;

/// <summary>JSON of the results of <c>evaluate</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(EvaluationReport))]
[JsonSerializable(typeof(AgreementReport))]
[JsonSerializable(typeof(MeasureReport))]
internal sealed partial class EvaluateJson : JsonSerializerContext;
