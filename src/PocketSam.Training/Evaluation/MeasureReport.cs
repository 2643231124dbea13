using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam.Training.Evaluation;

/// <summary>A row of a <see cref="MeasureTable"/>.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Values">A number for each column; null where there is nothing to tell.</param>
public sealed record MeasureRow(string Name, IReadOnlyList<double?> Values);

/// <summary>Numbers that belong together.</summary>
/// <param name="Title">What they are.</param>
/// <param name="Columns">Names of the columns, without that of the rows' names.</param>
/// <param name="Rows">The rows.</param>
public sealed record MeasureTable(string Title, IReadOnlyList<string> Columns, IReadOnlyList<MeasureRow> Rows);

/// <summary>The outcome of a measure of the papers: tables, and the cases that were found best and worst.</summary>
/// <param name="Measure">Its name on the command line.</param>
/// <param name="Model">The model's name or file; null where results of others were counted.</param>
/// <param name="Data">The data set's file.</param>
/// <param name="Protocol">What decides the numbers: rules, choices, seed; by name.</param>
/// <param name="Tables">The numbers.</param>
public sealed record MeasureReport(
    string Measure, string? Model, string Data, IReadOnlyDictionary<string, string> Protocol, IReadOnlyList<MeasureTable> Tables)
{
    /// <summary>Pictures that were measured.</summary>
    public int Images { get; init; }

    /// <summary>Time of all of it, pictures read included; 0 where it was not taken.</summary>
    public double Seconds { get; init; }

    /// <summary>Cases of the highest values, best first, one of a picture.</summary>
    public IReadOnlyList<EvaluationCase> Best { get; init; } = [];

    /// <summary>Cases of the lowest values, worst first, one of a picture.</summary>
    public IReadOnlyList<EvaluationCase> Worst { get; init; } = [];

    /// <summary>The same with the time since measuring began.</summary>
    internal MeasureReport Taking(long start) => this with { Seconds = System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds };

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
