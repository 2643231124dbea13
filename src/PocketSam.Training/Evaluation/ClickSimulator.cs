using PocketSam.Masks;

namespace PocketSam.Training.Evaluation;

/// <summary>
/// Clicks as a user would who wants a given mask: into the middle of what is wrong. The middle is the pixel farthest
/// from the region's edge, the picture's own edge included.
/// </summary>
/// <remarks>
/// The usual protocol of interactive segmentation, as in Sofiiuk et al., "Reviving Iterative Training with Mask
/// Guidance for Interactive Segmentation" (2021), used by SAM's evaluation too. As there, where the missed and the
/// wrong region reach equally deep, the wrong one is clicked.
/// </remarks>
internal static class ClickSimulator
{
    /// <summary>The first click, on the object; null when the mask is empty.</summary>
    /// <param name="truth">The object to be found.</param>
    public static Click? First(BinaryMask truth)
        => DistanceTransform.FarthestFromEdge(truth) is (int x, int y) ? new Click(x, y, IsForeground: true) : null;

    /// <summary>
    /// The next click: foreground where the prediction missed the object, background where it went beyond, whichever
    /// error region reaches deeper. Null when the prediction is right everywhere.
    /// </summary>
    /// <param name="prediction">The mask found so far.</param>
    /// <param name="truth">The object to be found, of the same size.</param>
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
