using System.Diagnostics;

namespace PocketSam.Training.FineTuning;

/// <summary>How much of the time is spent, and what is told of it.</summary>
internal sealed class TuningClock(TimeSpan time, IProgress<FineTuningProgress>? progress, CancellationToken cancellation)
{
    private readonly long _begun = Stopwatch.GetTimestamp();
    private double _reserved;

    /// <summary>Seconds since the beginning.</summary>
    public double Elapsed => Stopwatch.GetElapsedTime(_begun).TotalSeconds;

    /// <summary>Seconds that are left for learning.</summary>
    public double Left => Math.Max(0, time.TotalSeconds - _reserved - Elapsed);

    /// <summary>Stops it.</summary>
    public CancellationToken Cancellation => cancellation;

    /// <summary>Keeps seconds for what comes after the learning.</summary>
    public void Reserve(double seconds) => _reserved += seconds;

    /// <summary>Tells what is being done: the share of the whole is that of the time, as parts end with their time or earlier.</summary>
    public void Tell(FineTuningPhase phase)
        => progress?.Report(new FineTuningProgress(Math.Min(0.99, Elapsed / time.TotalSeconds), phase));

    /// <summary>Tells that it is over.</summary>
    public void End() => progress?.Report(new FineTuningProgress(1, FineTuningPhase.MeasuringAfter));
}
