using System.Text.Json.Serialization;
using PocketSam.Cli.Planning;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>plan --json</c> writes.</summary>
/// <param name="Work">What is done with each picture.</param>
/// <param name="Rate">Where the time of a picture comes from.</param>
/// <param name="Cluster">What the plan is made of.</param>
/// <param name="CoreHours">Processor hours of all pictures.</param>
/// <param name="IdealHours">Hours where nothing fails.</param>
/// <param name="MeanHours">Hours with failures, in the mean of the runs.</param>
/// <param name="LongHours">Hours that nine of ten runs stay below.</param>
/// <param name="MeanFailures">Failures of machines, in the mean.</param>
/// <param name="LostCoreHours">Processor hours of work that was done twice, in the mean.</param>
/// <param name="ReadBytes">Bytes of all pictures.</param>
/// <param name="WrittenBytes">Bytes of all results.</param>
/// <param name="StorageLoad">Bytes a second from and to the storage while all machines work.</param>
/// <param name="MemoryBytes">Memory of a process; null where nothing was measured.</param>
/// <param name="Runs">Runs of the simulation.</param>
internal sealed record PlanReport(
    string Work, string Rate, Cluster Cluster, double CoreHours, double IdealHours, double MeanHours, double LongHours, double MeanFailures,
    double LostCoreHours, double ReadBytes, double WrittenBytes, double StorageLoad, long? MemoryBytes, int Runs);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(PlanReport))]
internal sealed partial class PlanJson : JsonSerializerContext;
