namespace PocketSam;

/// <summary>The class that an object seems to be of.</summary>
/// <param name="Class">The most probable class; null where that is none of them, or less probable than the threshold: unsure.</param>
/// <param name="Probability">Of the most probable class, 0 to 1, whether or not it is given.</param>
public readonly record struct ObjectGuess(long? Class, float Probability);
