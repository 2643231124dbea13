namespace PocketSam.Training.FineTuning;

/// <summary>How far a fine-tuning has come.</summary>
/// <param name="Share">Of the whole, 0 to 1.</param>
/// <param name="Phase">What is being done.</param>
public readonly record struct FineTuningProgress(double Share, FineTuningPhase Phase);
