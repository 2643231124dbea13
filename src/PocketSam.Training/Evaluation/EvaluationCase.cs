namespace PocketSam.Training.Evaluation;

/// <summary>One object, or one picture, of those that came out best or worst.</summary>
/// <param name="Picture">The picture's file.</param>
/// <param name="Name">What it is, in a few words.</param>
/// <param name="Value">How well it came out, 0 to 1.</param>
public sealed record EvaluationCase(string Picture, string Name, double Value)
{
    /// <summary>What was to be found.</summary>
    public Rle? Truth { get; init; }

    /// <summary>What was found; null for nothing.</summary>
    public Rle? Found { get; init; }

    /// <summary>The clicks that were given.</summary>
    public IReadOnlyList<PromptPoint> Points { get; init; } = [];

    /// <summary>The box that was given.</summary>
    public PromptBox? Box { get; init; }
}
