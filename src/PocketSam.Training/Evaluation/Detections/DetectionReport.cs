
namespace PocketSam.Training.Evaluation.Detections;

/// <summary>Average precision, 0 to 1, over IoU thresholds from 0.5 to 0.95; null where there is nothing to find.</summary>
/// <param name="All">AP; by COCO's tool null where 100 is none of the largest numbers of detections.</param>
/// <param name="At50">AP50: at the IoU 0.5 alone.</param>
/// <param name="At75">AP75.</param>
/// <param name="Small">Of objects of at most 32 x 32 pixels.</param>
/// <param name="Medium">Of those up to 96 x 96.</param>
/// <param name="Large">Of larger ones.</param>
public sealed record AveragePrecision(
    double? All, double? At50, double? At75, double? Small, double? Medium, double? Large)
{
    /// <summary>LVIS: AP of categories that are rare, in 1 to 10 pictures of its training set.</summary>
    public double? Rare { get; init; }

    /// <summary>LVIS: of common ones, 11 to 100.</summary>
    public double? Common { get; init; }

    /// <summary>LVIS: of frequent ones.</summary>
    public double? Frequent { get; init; }
}

/// <summary>Average recall, 0 to 1; null where there is nothing to find.</summary>
/// <param name="At">By the largest number of detections a picture.</param>
/// <param name="Small">Of objects of at most 32 x 32 pixels, at the largest number.</param>
/// <param name="Medium">Of those up to 96 x 96.</param>
/// <param name="Large">Of larger ones.</param>
public sealed record AverageRecall(IReadOnlyDictionary<int, double?> At, double? Small, double? Medium, double? Large);

/// <summary>How well objects of one category were found.</summary>
/// <param name="Id">The category's number.</param>
/// <param name="Name">Its name.</param>
/// <param name="Ap">AP at the largest number of detections.</param>
/// <param name="Ap50">At the IoU 0.5.</param>
/// <param name="Ar">AR at the largest number of detections.</param>
public sealed record CategoryPrecision(long Id, string Name, double? Ap, double? Ap50, double? Ar);

/// <summary>What <see cref="DetectionEvaluator"/> counted.</summary>
/// <param name="Data">The file of the objects.</param>
/// <param name="Detections">The file of the detections, or who made them.</param>
/// <param name="Compared"><c>masks</c> or <c>boxes</c>.</param>
/// <param name="Rules"><c>coco</c>, <c>coco without categories</c> or <c>lvis</c>.</param>
/// <param name="Images">Pictures.</param>
/// <param name="Objects">Objects, crowds among them.</param>
/// <param name="Count">Detections.</param>
/// <param name="Precision">AP.</param>
/// <param name="Recall">AR.</param>
/// <param name="Categories">By category; empty where categories do not count.</param>
public sealed record DetectionReport(
    string Data, string Detections, string Compared, string Rules, int Images, int Objects, int Count,
    AveragePrecision Precision, AverageRecall Recall, IReadOnlyList<CategoryPrecision> Categories)
{
    /// <summary>All curves.</summary>
    internal DetectionCurves? Curves { get; init; }
}
