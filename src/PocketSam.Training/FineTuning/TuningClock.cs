using System.Diagnostics;

namespace PocketSam.Training.FineTuning;

/// <summary>Tracks the time of a fine-tuning, and reports its progress.</summary>
internal sealed class TuningClock(TimeSpan time, IProgress<FineTuningProgress>? progress, CancellationToken cancellation)
{
    private readonly long _begun = Stopwatch.GetTimestamp();
    private double _reserved;

    /// <summary>Seconds since the start.</summary>
    public double Elapsed => Stopwatch.GetElapsedTime(_begun).TotalSeconds;

    /// <summary>Seconds left for training.</summary>
    public double Left => Math.Max(0, time.TotalSeconds - _reserved - Elapsed);

    /// <summary>Cancels the fine-tuning.</summary>
    public CancellationToken Cancellation => cancellation;

    /// <summary>Reserves seconds for the work after training.</summary>
    public void Reserve(double seconds) => _reserved += seconds;

    /// <summary>
    /// Reports the current phase. The fraction done is that of the time, because phases end when their time is over or
    /// earlier.
    /// </summary>
    public void Report(FineTuningPhase phase)
        => progress?.Report(new FineTuningProgress(Math.Min(0.99, Elapsed / time.TotalSeconds), phase));

    /// <summary>Reports the end.</summary>
    public void End() => progress?.Report(new FineTuningProgress(1, FineTuningPhase.MeasuringAfter));
}
