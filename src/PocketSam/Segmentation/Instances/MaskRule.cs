namespace PocketSam;

/// <summary>
/// How prototypes become masks at the picture's size, which differs between implementations of FastSAM. All rules crop
/// to the box and threshold logits at zero, except <see cref="Probability"/>.
/// </summary>
public enum MaskRule
{
    /// <summary>
    /// FastSAM's own rule: boxes near the border of the input snap to it, padding is removed in whole prototype cells,
    /// and logits are resized.
    /// </summary>
    Published,

    /// <summary>
    /// The rule of ultralytics 8.0 (2023), which FastSAM bundles: boxes are unchanged, and probabilities are resized
    /// and thresholded at a half.
    /// </summary>
    Probability,

    /// <summary>
    /// The rule of ultralytics 8.4: logits are enlarged until the padding
    /// is a whole number of cells, and each axis has its own scale.
    /// </summary>
    Current,
}
