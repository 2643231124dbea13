namespace PocketSam;

/// <summary>
/// Default thresholds of a model for segmenting everything. They depend on its training; the defaults are those of
/// SAM's and TinySAM's generators.
/// </summary>
public sealed record MaskThresholds
{
    /// <summary>Smallest predicted IoU of a mask, 0 to 1 (segment_anything/automatic_mask_generator.py).</summary>
    public float PredIou { get; init; } = 0.88f;

    /// <summary>Smallest stability score of a mask, 0 to 1 (segment_anything/automatic_mask_generator.py).</summary>
    public float StabilityScore { get; init; } = 0.95f;

    /// <summary>Logit from which a pixel counts as confident (TinySAM's hierarchical_mask_generator.py).</summary>
    public float HighScore { get; init; } = 8.5f;

    /// <summary>Points of the coarse grid that must be confident of a pixel, 1 to 64.</summary>
    public int HighScoreVotes { get; init; } = 1;
}
