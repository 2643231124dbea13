using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>plot --json</c> writes.</summary>
/// <param name="Output">Path of the picture.</param>
/// <param name="Logs">The drawn logs.</param>
internal sealed record PlotReport(string Output, IReadOnlyList<PlottedLog> Logs);

/// <summary>A drawn training log.</summary>
/// <param name="Path">Path of the log.</param>
/// <param name="Steps">Number of steps.</param>
/// <param name="Last">
/// By column: the last value of a validation or of the learning rate, else the moving average at the end.
/// </param>
internal sealed record PlottedLog(string Path, long Steps, IReadOnlyDictionary<string, double> Last);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(PlotReport))]
internal sealed partial class PlotJson : JsonSerializerContext;
