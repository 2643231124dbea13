namespace PocketSam;

/// <summary>
/// How prototypes become masks of the picture's size: programs that run FastSAM differ. All cut logits at zero within the box, but for
/// <see cref="Probability"/>.
/// </summary>
public enum MaskRule
{
    /// <summary>
    /// FastSAM's own: boxes near the border of the input go there, padding is cut off in whole prototype cells, logits are resized.
    /// </summary>
    Published,

    /// <summary>The ultralytics of 2023 (8.0) that FastSAM carries: boxes as they are; probabilities are resized and cut at a half.</summary>
    Probability,

    /// <summary>Today's ultralytics (8.4): logits are enlarged until the padding lies on whole cells, and sides have a scale each.</summary>
    Current,
}
