using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>plot --json</c> writes.</summary>
/// <param name="Output">The picture.</param>
/// <param name="Logs">What is drawn in it.</param>
internal sealed record PlotReport(string Output, IReadOnlyList<PlottedLog> Logs);

/// <summary>The log of a training.</summary>
/// <param name="Path">The file.</param>
/// <param name="Steps">Steps in it.</param>
/// <param name="Last">By column: the last value of a validation or of the learning rate, else the mean at the end.</param>
internal sealed record PlottedLog(string Path, long Steps, IReadOnlyDictionary<string, double> Last);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(PlotReport))]
internal sealed partial class PlotJson : JsonSerializerContext;
