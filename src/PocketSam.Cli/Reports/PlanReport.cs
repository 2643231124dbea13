using System.Text.Json.Serialization;
using PocketSam.Cli.Planning;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>plan --json</c> writes.</summary>
/// <param name="Work">The work on each picture.</param>
/// <param name="Rate">Source of the time for a picture.</param>
/// <param name="Cluster">The cluster and its work.</param>
/// <param name="CoreHours">Core hours for all pictures.</param>
/// <param name="IdealHours">Hours without failures.</param>
/// <param name="MeanHours">Mean hours of the simulated runs.</param>
/// <param name="LongHours">90th percentile of the hours of the simulated runs.</param>
/// <param name="MeanFailures">Mean number of failures of machines.</param>
/// <param name="LostCoreHours">Mean core hours of lost work.</param>
/// <param name="ReadBytes">Bytes of all pictures.</param>
/// <param name="WrittenBytes">Bytes of all results.</param>
/// <param name="StorageLoad">Load of the storage while all machines work, bytes per second.</param>
/// <param name="MemoryBytes">Memory of a process in bytes; null if it was not measured.</param>
/// <param name="Runs">Number of simulated runs.</param>
internal sealed record PlanReport(
    string Work, string Rate, Cluster Cluster, double CoreHours, double IdealHours, double MeanHours, double LongHours, double MeanFailures,
    double LostCoreHours, double ReadBytes, double WrittenBytes, double StorageLoad, long? MemoryBytes, int Runs);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(PlanReport))]
internal sealed partial class PlanJson : JsonSerializerContext;
