namespace PocketSam.Training.Evaluation.Detections;

/// <summary>
/// The ground-truth objects detected best and worst, each with the detection of its category that has the largest IoU.
/// </summary>
internal static class DetectionCases
{
    /// <summary>Collects the cases of all objects that are not ignored.</summary>
    public static CaseCollector Of(Detections detections, DetectionOptions options, CancellationToken cancellation)
    {
        DetectionTruths truths = detections.Truths;
        var cases = new CaseCollector();
        foreach ((int place, int category, DetectionMatcher matcher) in DetectionEvaluator.Group(
            detections, options, options.UsesLvisRules ? DetectionEvaluator.LvisLimit : options.MaxDetections[^1], cancellation))
        {
            CocoImage image = truths.Images[place];
            foreach ((DetectionTruth truth, Detection? found, double iou) in matcher.Closest())
            {
                cases.Add(image.Path, iou, () => new EvaluationCase(
                    image.Path, options.UsesCategories ? truths.Categories[category].Name : "object", iou)
                {
                    Truth = options.ComparesBoxes ? BoxMask(truth.Box, image) : truth.Mask,
                    Found = found is null ? null : options.ComparesBoxes ? BoxMask(found.BoxOrBounds, image) : found.MaskOrBox(image),
                });
            }
        }

        return cases;
    }

    private static Rle BoxMask(DetectionBox box, CocoImage image)
        => Masks.PolygonRasterizer.Encode([box.ToPolygon()], image.Width, image.Height);
}
