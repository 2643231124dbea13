namespace PocketSam.Training.Distillation;

/// <summary>Which prompts a student is asked with, after the box and the click that every object begins with.</summary>
public enum PromptSampling
{
    /// <summary>No others.</summary>
    First,

    /// <summary>
    /// TinySAM's hard prompt sampling (section 3.2): the click moves to a random pixel that the student has missed, as
    /// often as drawn for the step; only the last prompt is learned from. Boxes stay.
    /// </summary>
    Hard,

    /// <summary>
    /// EdgeSAM's prompts in the loop: to box and click comes a point where student and teacher disagree, of either sign;
    /// every round is learned from.
    /// </summary>
    Disagreement,
}
