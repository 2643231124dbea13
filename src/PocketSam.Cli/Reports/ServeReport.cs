using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>serve --json</c> writes when the service is ready.</summary>
/// <param name="Url">Address of the service.</param>
/// <param name="Model">The model's name.</param>
internal sealed record ServeReport(string Url, string Model);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ServeReport))]
internal sealed partial class ServeJson : JsonSerializerContext;
