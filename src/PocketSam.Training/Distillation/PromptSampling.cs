namespace PocketSam.Training.Distillation;

/// <summary>How further prompts are chosen, after the box and the click of each object.</summary>
public enum PromptSampling
{
    /// <summary>No further prompts.</summary>
    First,

    /// <summary>
    /// TinySAM's hard prompt sampling (section 3.2): in each round, the click moves to a random pixel that the
    /// student's mask misses. Only the last round is trained on. Boxes stay.
    /// </summary>
    Hard,

    /// <summary>
    /// EdgeSAM's prompts in the loop: each round adds a point where student and teacher differ, foreground or
    /// background, to box and click. Every round is trained on.
    /// </summary>
    Disagreement,
}
