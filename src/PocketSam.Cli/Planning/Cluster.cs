namespace PocketSam.Cli.Planning;

/// <summary>What there is to do, and what there is to do it with.</summary>
/// <param name="Photos">Pictures.</param>
/// <param name="Nodes">Machines.</param>
/// <param name="Cores">Processors of each.</param>
/// <param name="Tasks">Shares that the pictures are dealt out in.</param>
/// <param name="CoreSeconds">Time that a picture takes one processor.</param>
/// <param name="PhotoBytes">Bytes read of a picture.</param>
/// <param name="ResultBytes">Bytes written of it.</param>
/// <param name="NetworkBytes">Bytes a second that reach a machine.</param>
/// <param name="StorageBytes">Bytes a second of the storage that all share.</param>
/// <param name="HoursBetweenFailures">Of one machine, in the mean; 0 for none.</param>
/// <param name="HoursDown">How long a machine that fails is gone.</param>
/// <param name="SaveSeconds">The most work that a failure takes back.</param>
internal sealed record Cluster(
    long Photos, int Nodes, int Cores, int Tasks, double CoreSeconds, double PhotoBytes, double ResultBytes, double NetworkBytes,
    double StorageBytes, double HoursBetweenFailures, double HoursDown, double SaveSeconds)
{
    private const double SecondsPerHour = 3600;

    /// <summary>Seconds a picture on a machine whose processors all compute: shares of pictures need nothing of each other.</summary>
    public double ComputeSeconds => CoreSeconds / Cores;

    /// <summary>Seconds a picture to reach a machine and leave it, where all machines share the storage.</summary>
    public double TransferSeconds => (PhotoBytes + ResultBytes) / Math.Min(NetworkBytes, StorageBytes / Nodes);

    /// <summary>The longer of the two, as pictures are read while others are computed.</summary>
    public double NodeSeconds => Math.Max(ComputeSeconds, TransferSeconds);

    /// <summary>Processor hours of all pictures.</summary>
    public double CoreHours => Photos * CoreSeconds / SecondsPerHour;

    /// <summary>Hours where nothing fails and nobody waits for the last task.</summary>
    public double IdealHours => Photos * NodeSeconds / Nodes / SecondsPerHour;

    /// <summary>Bytes a second from and to the storage while all machines work.</summary>
    public double StorageLoad => Nodes * (PhotoBytes + ResultBytes) / NodeSeconds;
}
