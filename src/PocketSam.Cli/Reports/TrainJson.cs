using System.Text.Json.Serialization;
using PocketSam.Training.Optimization;

namespace PocketSam.Cli.Reports;

/// <summary>JSON of a training's last step.</summary>
[JsonSerializable(typeof(TrainingProgress))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
internal sealed partial class TrainJson : JsonSerializerContext;
