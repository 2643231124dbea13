namespace PocketSam.Training.Distillation;

/// <summary>Weights of what a student is judged by; a term of weight 0 is not computed.</summary>
/// <param name="Embedding">
/// Distance of the image embeddings, mean over channels and the cells that show the picture: squared where decoupled
/// (MobileSAM), absolute otherwise (TinySAM).
/// </param>
/// <param name="Tokens">Absolute distance of the transformer's output tokens, mean over their values (TinySAM).</param>
/// <param name="Masks">Absolute distance of the low-resolution logits, mean over the picture's cells (TinySAM).</param>
/// <param name="TeacherMasks">
/// Cross-entropy (or focal loss) and dice against the teacher's masks, cut at zero (MobileSAM's coupled schemes, EdgeSAM).
/// </param>
/// <param name="Truth">SAM's loss against marked masks: focal or cross-entropy, dice, absolute error of the predicted IoU.</param>
public sealed record DistillationWeights(float Embedding, float Tokens, float Masks, float TeacherMasks, float Truth)
{
    /// <summary>
    /// The scheme's own. TinySAM's alpha, beta and gamma are not published; ours make the three terms about as large as
    /// the loss against marked masks when a student begins at half of its way.
    /// </summary>
    public static DistillationWeights For(DistillationScheme scheme) => scheme switch
    {
        DistillationScheme.Decoupled => new(1, 0, 0, 0, 0),
        DistillationScheme.FullStage => new(1, 1, 0.1f, 0, 1),
        _ => new(0, 0, 0, 1, 0),
    };

    /// <summary>Whether prompts are decoded.</summary>
    internal bool Decodes => Tokens > 0 || Masks > 0 || TeacherMasks > 0 || Truth > 0;

    /// <summary>Whether the teacher's decoder is asked.</summary>
    internal bool AsksTeacher => Tokens > 0 || Masks > 0 || TeacherMasks > 0;

    internal void Validate()
    {
        float[] all = [Embedding, Tokens, Masks, TeacherMasks, Truth];
        if (all.Any(w => !(w >= 0) || float.IsInfinity(w)) || all.All(w => w == 0))
            throw new ArgumentException("the weights of the losses must be finite, not negative, and not all zero");
    }
}
