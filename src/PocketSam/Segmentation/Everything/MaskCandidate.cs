using PocketSam.Tensors;

namespace PocketSam.Segmentation.Everything;

/// <summary>
/// A mask that passes the thresholds, before suppression: the information to make it, without its pixels.
/// </summary>
/// <param name="X">Column of its point, in pixels of the crop.</param>
/// <param name="Y">Row of its point, in pixels of the crop.</param>
/// <param name="Mask">Index of the mask among those of the point.</param>
/// <param name="Box">Its box, in pixels of the crop.</param>
/// <param name="PredictedIou">The model's own estimate, about 0 to 1.</param>
/// <param name="Stability">The stability score, 0 to 1.</param>
/// <param name="Logits">Its logits <c>[side, side]</c>; null if they are not kept.</param>
internal readonly record struct MaskCandidate(
    double X, double Y, int Mask, PixelBox Box, float PredictedIou, float Stability,
    TensorBuffer? Logits);
