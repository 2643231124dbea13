using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>merge --json</c> writes, except for evaluations, for which it writes their report.</summary>
/// <param name="Verb">The verb of the shares.</param>
/// <param name="Shares">Number of shares.</param>
/// <param name="Pictures">Number of pictures of all shares.</param>
/// <param name="Failed">Number of pictures without a result.</param>
/// <param name="Output">The written file or folder; null for a check only.</param>
internal sealed record MergeReport(string Verb, int Shares, int Pictures, int Failed, string? Output);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(MergeReport))]
internal sealed partial class MergeJson : JsonSerializerContext;
