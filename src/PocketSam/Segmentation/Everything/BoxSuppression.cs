namespace PocketSam.Segmentation.Everything;

/// <summary>
/// Non-maximum suppression of boxes, like torchvision's <c>nms</c>: boxes are tested best first, and a box stays if its
/// IoU with each kept box does not exceed the threshold.
/// </summary>
/// <param name="threshold">The largest permitted IoU, 0 to 1.</param>
internal sealed class BoxSuppression(float threshold)
{
    private readonly List<PixelBox> _kept = [];

    /// <summary>Tests a box and keeps it if it stays.</summary>
    /// <param name="box">The box in pixels. As in SAM's generator, its sides are the differences between first and last
    /// pixel: a box one pixel wide has no area.</param>
    public bool TryKeep(PixelBox box)
    {
        if (!_kept.TrueForAll(kept => Iou(kept, box) <= threshold))
            return false;
        _kept.Add(box);
        return true;
    }

    /// <summary>Indices of the boxes that stay, best first; among equal scores the earlier one comes first.</summary>
    /// <param name="boxes">The boxes, as for <see cref="TryKeep"/>.</param>
    /// <param name="scores">One score for each box.</param>
    /// <param name="threshold">The largest permitted IoU, 0 to 1.</param>
    /// <param name="cancellation">Checked before each box: the time grows with the square of their number.</param>
    public static List<int> Run(
        IReadOnlyList<PixelBox> boxes, IReadOnlyList<float> scores, float threshold, CancellationToken cancellation = default)
    {
        var suppression = new BoxSuppression(threshold);
        List<int> kept = [];
        foreach (int i in Enumerable.Range(0, boxes.Count).OrderByDescending(i => scores[i]))
        {
            cancellation.ThrowIfCancellationRequested();
            if (suppression.TryKeep(boxes[i]))
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
