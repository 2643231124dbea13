using PocketSam.Masks;

namespace PocketSam.Training.Evaluation;

/// <summary>
/// Simulates the clicks of a user who wants a given mask: each is at the pixel of the error region farthest from the
/// region's edge. The edge of the picture is an edge of the region too.
/// </summary>
/// <remarks>
/// The usual protocol of interactive segmentation (Sofiiuk et al., arXiv:2102.06583), also used in SAM's evaluation. As
/// there, the click is a background one if the largest distances in the missed and in the wrongly included region are
/// equal.
/// </remarks>
internal static class ClickSimulator
{
    /// <summary>The first click, on the object; null if the mask is empty.</summary>
    /// <param name="truth">The mask of the object.</param>
    public static Click? First(BinaryMask truth)
        => DistanceTransform.FarthestFromEdge(truth) is (int x, int y) ? new Click(x, y, IsForeground: true) : null;

    /// <summary>
    /// The next click: foreground in the region that the prediction misses, background in the region that it wrongly
    /// includes, whichever has the larger distance to its edge. Null if the prediction is right everywhere.
    /// </summary>
    /// <param name="prediction">The current mask.</param>
    /// <param name="truth">The mask of the object, of the same size.</param>
    /// <exception cref="ArgumentException">The masks differ in size.</exception>
    public static Click? Next(BinaryMask prediction, BinaryMask truth)
    {
        ArgumentNullException.ThrowIfNull(prediction);
        ArgumentNullException.ThrowIfNull(truth);
        BinaryMask missed = truth.Clone();
        missed.Subtract(prediction);
        BinaryMask wrong = prediction.Clone();
        wrong.Subtract(truth);

        (int X, int Y)? inMissed = DistanceTransform.FarthestFromEdge(missed, out int missedDistance);
        (int X, int Y)? inWrong = DistanceTransform.FarthestFromEdge(wrong, out int wrongDistance);
        bool isForeground = missedDistance > wrongDistance;
        return (isForeground ? inMissed : inWrong) is (int x, int y) ? new Click(x, y, isForeground) : null;
    }
}
