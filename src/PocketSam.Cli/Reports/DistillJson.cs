using System.Text.Json.Serialization;
using PocketSam.Training.Distillation;

namespace PocketSam.Cli.Reports;

/// <summary>JSON of a distillation's last step.</summary>
[JsonSerializable(typeof(DistillationProgress))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
internal sealed partial class DistillJson : JsonSerializerContext;
