using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>merge --json</c> writes, but for an evaluation, whose report it is then.</summary>
/// <param name="Verb">What the shares did.</param>
/// <param name="Shares">How many there are.</param>
/// <param name="Pictures">Pictures of all of them.</param>
/// <param name="Failed">Those of them that have no result.</param>
/// <param name="Output">What was written; null where all was only looked at.</param>
internal sealed record MergeReport(string Verb, int Shares, int Pictures, int Failed, string? Output);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(MergeReport))]
internal sealed partial class MergeJson : JsonSerializerContext;
