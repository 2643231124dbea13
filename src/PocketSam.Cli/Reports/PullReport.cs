using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>pull --json</c> writes.</summary>
/// <param name="Name">Which model.</param>
/// <param name="Path">Its file here.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Licence">As SPDX names it.</param>
/// <param name="Address">Where it came from.</param>
internal sealed record PullReport(string Name, string Path, long Bytes, string Licence, Uri Address);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(PullReport))]
internal sealed partial class PullJson : JsonSerializerContext;
