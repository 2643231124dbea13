namespace PocketSam.Training.Optimization;

/// <summary>Weights of the terms of the loss of a mask.</summary>
/// <param name="CrossEntropy">Binary cross-entropy, mean over the pixels.</param>
/// <param name="Focal">Focal loss with gamma 2 and alpha 1/4, mean over the pixels; SAM has 20.</param>
/// <param name="Dice">Dice loss; SAM has 1.</param>
/// <param name="Iou">Squared error of the predicted IoU; SAM has 1.</param>
/// <param name="AbsoluteIou">Whether that error is not squared: TinySAM's L1.</param>
public sealed record MaskLossOptions(float CrossEntropy, float Focal, float Dice, float Iou, bool AbsoluteIou = false)
{
    /// <summary>
    /// Whether the mask for unambiguous prompts answers a single click first: it then counts there as much as the best of the
    /// others, else half as much, and is what goes back in to be corrected.
    /// </summary>
    public bool SingleMaskFirst { get; init; }

    /// <summary>Learns from random weights, where SAM's own terms give empty masks for long.</summary>
    public static MaskLossOptions Default { get; } = new(1, 0, 1, 1);

    /// <summary>SAM's terms: focal and dice 20:1.</summary>
    public static MaskLossOptions Sam { get; } = new(0, 20, 1, 1);
}
