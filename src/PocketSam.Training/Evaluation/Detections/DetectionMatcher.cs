namespace PocketSam.Training.Evaluation.Detections;

/// <summary>Ranges of object sizes, both ends inclusive, in pixels.</summary>
internal static class AreaRange
{
    /// <summary>
    /// COCO's ranges: all, small, medium, large. LVIS has other ends, beyond the size of any picture.
    /// </summary>
    public static readonly (double Least, double Most)[] All = [(0, 1e10), (0, 32 * 32), (32 * 32, 96 * 96), (96 * 96, 1e10)];

    /// <summary>Whether an area is in a range.</summary>
    public static bool Holds(int range, double area) => !(area < All[range].Least || area > All[range].Most);
}

/// <summary>
/// Matches detections and objects of one picture and category (pycocotools, <c>COCOeval.evaluateImg</c>; lvis,
/// <c>LVISEval.evaluate_img</c>).
/// </summary>
internal sealed class DetectionMatcher
{
    /// <summary>The IoU thresholds from 0.5 to 0.95, computed like numpy's <c>linspace</c>.</summary>
    public static readonly double[] IouThresholds = [.. Enumerable.Range(0, 10).Select(i => i == 9 ? 0.95 : 0.5 + i * ((0.95 - 0.5) / 9))];

    private readonly DetectionTruth[] _truths;
    private readonly bool _isNotExhaustive;
    private readonly bool _usesLvisRules;
    private readonly double[] _ious;

    /// <param name="detections">Highest score first, cut to the limit.</param>
    /// <param name="truths">The objects, in the order of the file.</param>
    /// <param name="image">The picture.</param>
    /// <param name="options">The rules, and whether boxes or masks are compared.</param>
    /// <param name="isNotExhaustive">LVIS: whether objects of the category may be unannotated in this picture.</param>
    public DetectionMatcher(
        Detection[] detections, DetectionTruth[] truths, CocoImage image, DetectionOptions options, bool isNotExhaustive)
    {
        (Detections, _truths) = (detections, truths);
        (_usesLvisRules, _isNotExhaustive) = (options.UsesLvisRules, isNotExhaustive);
        _ious = options.ComparesBoxes ? BoxIous() : MaskIous(image);
    }

    /// <summary>The detections, highest score first.</summary>
    public Detection[] Detections { get; }

    /// <summary>
    /// The order of objects for a size range, ignored ones last, and the number of those not ignored.
    /// </summary>
    public (int[] Order, int Counted) Order(int range)
    {
        int[] order = [.. Enumerable.Range(0, _truths.Length).OrderBy(i => IsIgnored(_truths[i], range))];
        return (order, _truths.Count(truth => !IsIgnored(truth, range)));
    }

    /// <summary>
    /// Matches at one threshold: each detection, highest score first, gets the free object of the largest IoU.
    /// </summary>
    /// <param name="range">Index of the size range.</param>
    /// <param name="order">The order from <see cref="Order"/>.</param>
    /// <param name="counted">The number from <see cref="Order"/>.</param>
    /// <param name="threshold">The lowest IoU of a match.</param>
    /// <param name="matches">The object of each detection; null for none.</param>
    /// <param name="ignored">Whether each detection counts neither as right nor as wrong.</param>
    public void Match(int range, int[] order, int counted, double threshold, DetectionTruth?[] matches, bool[] ignored)
    {
        var taken = new bool[order.Length];
        for (int d = 0; d < Detections.Length; d++)
        {
            int best = -1;
            double iou = Math.Min(threshold, 1 - 1e-10);
            for (int g = 0; g < order.Length; g++)
            {
                // A crowd matches any number of detections. LVIS has no crowds.
                if (taken[g] && (_usesLvisRules || !_truths[order[g]].IsCrowd))
                    continue;
                if (best >= 0 && best < counted && g >= counted)
                    break; // an object that counts is never left for one that does not
                double overlap = _ious[d * order.Length + order[g]];
                if (overlap < iou)
                    continue;
                (iou, best) = (overlap, g);
            }

            matches[d] = best < 0 ? null : _truths[order[best]];
            ignored[d] = best >= counted;
            if (best >= 0)
                taken[best] = true;

            // Both tools treat a match with an object of id 0 as no match.
            if (matches[d] is null or { Id: 0 })
                ignored[d] |= !AreaRange.Holds(range, Detections[d].Area) || _isNotExhaustive;
        }
    }

    /// <summary>Each object that is not ignored, with the detection of the largest IoU; null for none.</summary>
    public IEnumerable<(DetectionTruth Truth, Detection? Found, double Iou)> Closest()
    {
        for (int g = 0; g < _truths.Length; g++)
        {
            if (IsIgnored(_truths[g], 0))
                continue;
            int best = -1;
            double iou = 0;
            for (int d = 0; d < Detections.Length; d++)
            {
                if (_ious[d * _truths.Length + g] > iou)
                    (iou, best) = (_ious[d * _truths.Length + g], d);
            }

            yield return (_truths[g], best < 0 ? null : Detections[best], iou);
        }
    }

    private bool IsIgnored(DetectionTruth truth, int range)
        => (_usesLvisRules ? truth.IsIgnored : truth.IsCrowd) || !AreaRange.Holds(range, truth.Area);

    private double[] BoxIous()
    {
        double[] ious = new double[Detections.Length * _truths.Length];
        for (int g = 0; g < _truths.Length; g++)
        {
            DetectionBox truth = _truths[g].Box;
            bool crowd = IsCrowd(_truths[g]);
            for (int d = 0; d < Detections.Length; d++)
                ious[d * _truths.Length + g] = DetectionBox.Iou(Detections[d].BoxOrBounds, truth, crowd);
        }

        return ious;
    }

    private double[] MaskIous(CocoImage image)
    {
        double[] ious = new double[Detections.Length * _truths.Length];
        if (ious.Length == 0)
            return ious;
        (Rle Mask, PixelBox Bounds)[] found = [.. Detections.Select(d => d.MaskOrBox(image)).Select(mask => (mask, mask.Bounds))];
        for (int g = 0; g < _truths.Length; g++)
        {
            Rle truth = _truths[g].Mask;
            PixelBox bounds = truth.Bounds;
            bool crowd = IsCrowd(_truths[g]);
            for (int d = 0; d < found.Length; d++)
            {
                if (Meet(found[d].Bounds, bounds))
                    ious[d * _truths.Length + g] = Rle.Iou(found[d].Mask, truth, crowd);
            }
        }

        return ious;
    }

    private bool IsCrowd(DetectionTruth truth) => truth.IsCrowd && !_usesLvisRules;

    private static bool Meet(PixelBox a, PixelBox b)
        => a.X < b.Right && b.X < a.Right && a.Y < b.Bottom && b.Y < a.Bottom;
}
