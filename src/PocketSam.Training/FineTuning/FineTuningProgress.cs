namespace PocketSam.Training.FineTuning;

/// <summary>The progress of a fine-tuning.</summary>
/// <param name="Share">The fraction done, 0 to 1.</param>
/// <param name="Phase">The current phase.</param>
public readonly record struct FineTuningProgress(double Share, FineTuningPhase Phase);
