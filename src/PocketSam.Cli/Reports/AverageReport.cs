using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>average --json</c> writes.</summary>
/// <param name="Output">The file that was written.</param>
/// <param name="Parts">What it is the mean of.</param>
internal sealed record AverageReport(string Output, IReadOnlyList<AveragePart> Parts);

/// <summary>A model of a mean.</summary>
/// <param name="Model">Its file.</param>
/// <param name="Share">Its share; all are 1 together.</param>
internal sealed record AveragePart(string Model, double Share);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(AverageReport))]
internal sealed partial class AverageJson : JsonSerializerContext;
