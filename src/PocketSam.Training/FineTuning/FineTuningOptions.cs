namespace PocketSam.Training.FineTuning;

/// <summary>The options of a <see cref="FineTuner"/>.</summary>
public sealed record FineTuningOptions
{
    /// <summary>The time for training and measuring together, 10 seconds to 1 day; 10 minutes by default.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Number of threads, at least 1; null (the default) for the process's own.</summary>
    public int? Threads { get; init; }

    /// <summary>The seed for prompts and augmentation.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Throws if an option is out of range.</summary>
    internal void Validate()
    {
        if (Time < TimeSpan.FromSeconds(10) || Time > TimeSpan.FromDays(1))
            throw new ArgumentOutOfRangeException(nameof(Time), Time, "the time must be from ten seconds to a day");
        if (Threads is { } threads)
            ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1, nameof(Threads));
    }
}
