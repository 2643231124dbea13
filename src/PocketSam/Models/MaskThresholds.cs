namespace PocketSam;

/// <summary>
/// Scores from which on masks are worth keeping when everything in a picture is asked for. They depend on how a model was
/// trained: the defaults are those of SAM's and TinySAM's generators.
/// </summary>
public sealed record MaskThresholds
{
    /// <summary>Predicted IoU, 0 to 1 (segment_anything/automatic_mask_generator.py).</summary>
    public float PredIou { get; init; } = 0.88f;

    /// <summary>Stability score, 0 to 1 (the same).</summary>
    public float StabilityScore { get; init; } = 0.95f;

    /// <summary>Logit of a pixel that is found with confidence (TinySAM's hierarchical_mask_generator.py).</summary>
    public float HighScore { get; init; } = 8.5f;

    /// <summary>Points of the coarse grid that must be as confident of a pixel; 1 to 64.</summary>
    public int HighScoreVotes { get; init; } = 1;
}
