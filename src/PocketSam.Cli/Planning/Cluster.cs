namespace PocketSam.Cli.Planning;

/// <summary>A job on a cluster: the work and the machines.</summary>
/// <param name="Photos">Number of pictures.</param>
/// <param name="Nodes">Number of machines.</param>
/// <param name="Cores">Processor cores of each machine.</param>
/// <param name="Tasks">Number of shares that the pictures are divided into.</param>
/// <param name="CoreSeconds">Seconds of one core for a picture.</param>
/// <param name="PhotoBytes">Bytes read for a picture.</param>
/// <param name="ResultBytes">Bytes written for a picture.</param>
/// <param name="NetworkBytes">Network bandwidth of a machine, bytes per second.</param>
/// <param name="StorageBytes">Bandwidth of the shared storage, bytes per second.</param>
/// <param name="HoursBetweenFailures">Mean hours between failures of one machine; 0 for no failures.</param>
/// <param name="HoursDown">Hours until a failed machine is back.</param>
/// <param name="SaveSeconds">Seconds between saves: the most work that a failure loses.</param>
internal sealed record Cluster(
    long Photos, int Nodes, int Cores, int Tasks, double CoreSeconds, double PhotoBytes, double ResultBytes, double NetworkBytes,
    double StorageBytes, double HoursBetweenFailures, double HoursDown, double SaveSeconds)
{
    private const double SecondsPerHour = 3600;

    /// <summary>
    /// Seconds for a picture on one machine with all cores busy; shares are independent of each other.
    /// </summary>
    public double ComputeSeconds => CoreSeconds / Cores;

    /// <summary>Seconds to transfer a picture and its result, with the storage shared by all machines.</summary>
    public double TransferSeconds => (PhotoBytes + ResultBytes) / Math.Min(NetworkBytes, StorageBytes / Nodes);

    /// <summary>
    /// Seconds for a picture on one machine: the longer of the two, as transfers overlap computation.
    /// </summary>
    public double NodeSeconds => Math.Max(ComputeSeconds, TransferSeconds);

    /// <summary>Core hours for all pictures.</summary>
    public double CoreHours => Photos * CoreSeconds / SecondsPerHour;

    /// <summary>Hours without failures and without waiting for the last task.</summary>
    public double IdealHours => Photos * NodeSeconds / Nodes / SecondsPerHour;

    /// <summary>Load of the storage while all machines work, bytes per second.</summary>
    public double StorageLoad => Nodes * (PhotoBytes + ResultBytes) / NodeSeconds;
}
