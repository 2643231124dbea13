namespace PocketSam.Training.Evaluation;

/// <summary>Which mask of a model's answer counts.</summary>
public enum MaskSelection
{
    /// <summary>Of the three masks for ambiguous prompts that of the highest predicted IoU (TinySAM's rule, SAM's for one point).</summary>
    Best,

    /// <summary>The one mask for unambiguous prompts (EdgeSAM's rule).</summary>
    First,
}
