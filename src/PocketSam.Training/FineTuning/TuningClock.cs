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

    /// <summary>Tells that a share of a phase is done.</summary>
    public void Tell(FineTuningPhase phase, double share)
    {
        // Phases end when their time is over, or earlier: the share of the whole is that of the time, and never falls.
        double whole = phase == FineTuningPhase.MeasuringAfter && share >= 1 ? 1 : Math.Min(0.99, Elapsed / time.TotalSeconds);
        progress?.Report(new FineTuningProgress(whole, phase));
    }
}
