namespace PocketSam;

/// <summary>A predicted class.</summary>
/// <param name="Class">The most probable class; null if that is no class, or below the threshold.</param>
/// <param name="Probability">Probability of the most probable class,
/// 0 to 1, even if <see cref="Class"/> is null.</param>
public readonly record struct ObjectGuess(long? Class, float Probability);
