namespace PocketSam.Segmentation.Everything;

/// <summary>
/// Non-maximum suppression of boxes, as torchvision's <c>nms</c>: boxes are asked about best first, and one stays if its IoU
/// with each that stays is not above the threshold.
/// </summary>
/// <param name="threshold">The largest IoU that is tolerated.</param>
internal sealed class BoxSuppression(float threshold)
{
    private readonly List<PixelBox> _kept = [];

    /// <summary>Whether a box stays beside those of before.</summary>
    /// <param name="box">
    /// Left, top, right, bottom are first and last pixel, and sides are their differences, as in SAM's generator: a box one
    /// pixel wide has no area.
    /// </param>
    public bool Stays(PixelBox box)
    {
        if (!_kept.TrueForAll(kept => Iou(kept, box) <= threshold))
            return false;
        _kept.Add(box);
        return true;
    }

    /// <summary>Indices of the boxes that stay, best first. Of equal scores the earlier comes first.</summary>
    /// <param name="boxes">As <see cref="Stays"/> takes them.</param>
    /// <param name="scores">One for each box.</param>
    /// <param name="threshold">The largest IoU that is tolerated.</param>
    /// <param name="cancellation">Looked at before each box: the work grows with their square.</param>
    public static List<int> Run(
        IReadOnlyList<PixelBox> boxes, IReadOnlyList<float> scores, float threshold, CancellationToken cancellation = default)
    {
        var suppression = new BoxSuppression(threshold);
        List<int> kept = [];
        foreach (int i in Enumerable.Range(0, boxes.Count).OrderByDescending(i => scores[i]))
        {
            cancellation.ThrowIfCancellationRequested();
            if (suppression.Stays(boxes[i]))
                kept.Add(i);
        }

        return kept;
    }

    private static float Iou(PixelBox a, PixelBox b)
    {
        float width = Math.Max(0, Math.Min(a.Right, b.Right) - Math.Max(a.X, b.X) - 1);
        float height = Math.Max(0, Math.Min(a.Bottom, b.Bottom) - Math.Max(a.Y, b.Y) - 1);
        float both = width * height;
        return both == 0 ? 0 : both / (Area(a) + Area(b) - both);
    }

    private static float Area(PixelBox box) => (float)(box.Width - 1) * (box.Height - 1);
}
