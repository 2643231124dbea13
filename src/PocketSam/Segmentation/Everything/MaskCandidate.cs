using PocketSam.Tensors;

namespace PocketSam.Segmentation.Everything;

/// <summary>
/// A mask that is good enough, before it is known whether a better one takes its place: how to make it, not its pixels.
/// </summary>
/// <param name="X">The point that was asked at, in the crop.</param>
/// <param name="Y">The same.</param>
/// <param name="Mask">Which of the masks of that point.</param>
/// <param name="Box">In the crop.</param>
/// <param name="PredictedIou">The model's own estimate.</param>
/// <param name="Stability">The stability score.</param>
/// <param name="Logits">Its logits <c>[side, side]</c>, if they were kept.</param>
internal readonly record struct MaskCandidate(
    double X, double Y, int Mask, PixelBox Box, float PredictedIou, float Stability,
    TensorBuffer? Logits);
