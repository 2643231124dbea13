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
