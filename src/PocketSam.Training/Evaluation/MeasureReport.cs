using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam.Training.Evaluation;

/// <summary>A row of a <see cref="MeasureTable"/>.</summary>
/// <param name="Name">Name of the row.</param>
/// <param name="Values">A number for each column; null if it does not apply.</param>
public sealed record MeasureRow(string Name, IReadOnlyList<double?> Values);

/// <summary>A table of numbers.</summary>
/// <param name="Title">Its title.</param>
/// <param name="Columns">Names of the columns, without the column of the rows' names.</param>
/// <param name="Rows">The rows.</param>
public sealed record MeasureTable(string Title, IReadOnlyList<string> Columns, IReadOnlyList<MeasureRow> Rows);

/// <summary>The result of a measure: tables, and the best and worst cases.</summary>
/// <param name="Measure">Its name on the command line.</param>
/// <param name="Model">The model's name or file; null if given results are evaluated.</param>
/// <param name="Data">The data set's file.</param>
/// <param name="Protocol">The settings that determine the numbers, such as rules, choices and seed, by name.</param>
/// <param name="Tables">The tables.</param>
public sealed record MeasureReport(
    string Measure, string? Model, string Data, IReadOnlyDictionary<string, string> Protocol, IReadOnlyList<MeasureTable> Tables)
{
    /// <summary>Number of pictures measured.</summary>
    public int Images { get; init; }

    /// <summary>Total time in seconds, including the reading of pictures; 0 if not measured.</summary>
    public double Seconds { get; init; }

    /// <summary>The cases with the highest values, best first, one per picture.</summary>
    public IReadOnlyList<EvaluationCase> Best { get; init; } = [];

    /// <summary>The cases with the lowest values, worst first, one per picture.</summary>
    public IReadOnlyList<EvaluationCase> Worst { get; init; } = [];

    /// <summary>The report with the time since a timestamp.</summary>
    internal MeasureReport WithTimeSince(long start) => this with { Seconds = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds };

    /// <summary>Writes the report as indented UTF-8 JSON; the keys are the properties' names in snake case.</summary>
    public void WriteJson(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        JsonSerializer.Serialize(stream, this, MeasureReportJson.Default.MeasureReport);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(MeasureReport))]
internal sealed partial class MeasureReportJson : JsonSerializerContext;
