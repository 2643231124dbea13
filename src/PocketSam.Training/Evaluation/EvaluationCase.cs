namespace PocketSam.Training.Evaluation;

/// <summary>An object or picture among the best or worst of an evaluation.</summary>
/// <param name="Picture">The picture's file.</param>
/// <param name="Name">A short description.</param>
/// <param name="Value">Its score, 0 to 1.</param>
public sealed record EvaluationCase(string Picture, string Name, double Value)
{
    /// <summary>The ground truth; null if not available.</summary>
    public Rle? Truth { get; init; }

    /// <summary>The prediction; null for none.</summary>
    public Rle? Found { get; init; }

    /// <summary>The point prompts.</summary>
    public IReadOnlyList<PromptPoint> Points { get; init; } = [];

    /// <summary>The box prompt; null for none.</summary>
    public PromptBox? Box { get; init; }
}
