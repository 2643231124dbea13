using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>average --json</c> writes.</summary>
/// <param name="Output">The file that was written.</param>
/// <param name="Parts">The averaged models.</param>
internal sealed record AverageReport(string Output, IReadOnlyList<AveragePart> Parts);

/// <summary>One of the averaged models.</summary>
/// <param name="Model">Its file.</param>
/// <param name="Share">Its weight; the sum of all is 1.</param>
internal sealed record AveragePart(string Model, double Share);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(AverageReport))]
internal sealed partial class AverageJson : JsonSerializerContext;
