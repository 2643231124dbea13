using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>pull --json</c> writes.</summary>
/// <param name="Name">Name of the model.</param>
/// <param name="Path">Its local file.</param>
/// <param name="Bytes">Its length in bytes.</param>
/// <param name="Licence">SPDX identifier of its licence.</param>
/// <param name="Address">Address of the download.</param>
internal sealed record PullReport(string Name, string Path, long Bytes, string Licence, Uri Address);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(PullReport))]
internal sealed partial class PullJson : JsonSerializerContext;
