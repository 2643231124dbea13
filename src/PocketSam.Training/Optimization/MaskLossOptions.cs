namespace PocketSam.Training.Optimization;

/// <summary>Weights of the terms of a mask's loss.</summary>
/// <param name="CrossEntropy">Weight of the binary cross-entropy, averaged over pixels.</param>
/// <param name="Focal">Weight of the focal loss with gamma 2 and alpha 1/4, averaged over pixels; 20 in SAM.</param>
/// <param name="Dice">Weight of the dice loss; 1 in SAM.</param>
/// <param name="Iou">Weight of the squared error of the predicted IoU; 1 in SAM.</param>
/// <param name="AbsoluteIou">Whether that error is absolute instead of squared (TinySAM).</param>
public sealed record MaskLossOptions(float CrossEntropy, float Focal, float Dice, float Iou, bool AbsoluteIou = false)
{
    /// <summary>
    /// Whether the mask for unambiguous prompts is the one that users are shown first for a single click. Its weight
    /// there is then the same as that of the best of the other masks, instead of half, and it is the mask that is fed
    /// back for correction.
    /// </summary>
    public bool SingleMaskFirst { get; init; }

    /// <summary>For training from random weights, where SAM's terms give empty masks for a long time.</summary>
    public static MaskLossOptions Default { get; } = new(1, 0, 1, 1);

    /// <summary>SAM's terms: focal loss and dice loss, 20:1.</summary>
    public static MaskLossOptions Sam { get; } = new(0, 20, 1, 1);
}
