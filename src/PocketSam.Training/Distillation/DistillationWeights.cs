namespace PocketSam.Training.Distillation;

/// <summary>Weights of the losses of a distillation; a loss of weight 0 is not computed.</summary>
/// <param name="Embedding">Error of the image embeddings, averaged over channels and the cells within the picture;
/// squared for decoupled distillation (MobileSAM), absolute otherwise (TinySAM).</param>
/// <param name="Tokens">Absolute error of the transformer's output tokens, averaged over their values
/// (TinySAM).</param>
/// <param name="Masks">Absolute error of the low-resolution logits, averaged over the cells within the picture
/// (TinySAM).</param>
/// <param name="TeacherMasks">Cross-entropy (or focal loss) and dice loss against the teacher's masks, binarized at
/// logit 0 (MobileSAM's coupled schemes, EdgeSAM).</param>
/// <param name="Truth">SAM's loss against annotated masks: focal loss or cross-entropy, dice loss, absolute error of
/// the predicted IoU.</param>
public sealed record DistillationWeights(float Embedding, float Tokens, float Masks, float TeacherMasks, float Truth)
{
    /// <summary>
    /// The default weights of a scheme. TinySAM's alpha, beta and gamma are not published; these make the three terms
    /// about as large as the loss against annotated masks for a student that is half trained.
    /// </summary>
    public static DistillationWeights For(DistillationScheme scheme) => scheme switch
    {
        DistillationScheme.Decoupled => new(1, 0, 0, 0, 0),
        DistillationScheme.FullStage => new(1, 1, 0.1f, 0, 1),
        _ => new(0, 0, 0, 1, 0),
    };

    /// <summary>Whether masks are decoded from prompts.</summary>
    internal bool Decodes => Tokens > 0 || Masks > 0 || TeacherMasks > 0 || Truth > 0;

    /// <summary>Whether the teacher's mask decoder runs.</summary>
    internal bool UsesTeacher => Tokens > 0 || Masks > 0 || TeacherMasks > 0;

    internal void Validate()
    {
        float[] all = [Embedding, Tokens, Masks, TeacherMasks, Truth];
        if (all.Any(w => !(w >= 0) || float.IsInfinity(w)) || all.All(w => w == 0))
            throw new ArgumentException("the weights of the losses must be finite, not negative, and not all zero");
    }
}
