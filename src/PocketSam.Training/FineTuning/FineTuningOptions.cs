namespace PocketSam.Training.FineTuning;

/// <summary>How a <see cref="FineTuner"/> works.</summary>
public sealed record FineTuningOptions
{
    /// <summary>What it may take, measuring included; from ten seconds to a day, ten minutes by default.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Threads to compute with, at least 1; null (the default) for those of the process.</summary>
    public int? Threads { get; init; }

    /// <summary>Chooses prompts and augmentation.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Throws where an option is out of its range.</summary>
    internal void Validate()
    {
        if (Time < TimeSpan.FromSeconds(10) || Time > TimeSpan.FromDays(1))
            throw new ArgumentOutOfRangeException(nameof(Time), Time, "the time must be from ten seconds to a day");
        if (Threads is { } threads)
            ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1, nameof(Threads));
    }
}
