namespace PocketSam.Training.Evaluation;

/// <summary>Which of the masks that a model predicts is measured.</summary>
public enum MaskSelection
{
    /// <summary>
    /// The mask with the highest predicted IoU among the three for ambiguous prompts (TinySAM's rule, and SAM's for one
    /// point).
    /// </summary>
    Best,

    /// <summary>The mask for unambiguous prompts (EdgeSAM's rule).</summary>
    First,
}
