
namespace PocketSam.Training.Evaluation.Detections;

/// <summary>Average precision, 0 to 1, over IoU thresholds from 0.5 to 0.95; null if there are no objects.</summary>
/// <param name="All">AP; null by COCO's rules if 100 is not among the limits of detections.</param>
/// <param name="At50">AP50, at the IoU threshold 0.5.</param>
/// <param name="At75">AP75, at the IoU threshold 0.75.</param>
/// <param name="Small">AP of objects of at most 32 x 32 pixels.</param>
/// <param name="Medium">AP of objects from 32 x 32 to 96 x 96 pixels.</param>
/// <param name="Large">AP of objects of at least 96 x 96 pixels.</param>
public sealed record AveragePrecision(
    double? All, double? At50, double? At75, double? Small, double? Medium, double? Large)
{
    /// <summary>LVIS: AP of rare categories, which are in 1 to 10 pictures of its training set.</summary>
    public double? Rare { get; init; }

    /// <summary>LVIS: AP of common categories, in 11 to 100 pictures.</summary>
    public double? Common { get; init; }

    /// <summary>LVIS: AP of frequent categories, in more than 100 pictures.</summary>
    public double? Frequent { get; init; }
}

/// <summary>Average recall, 0 to 1; null if there are no objects.</summary>
/// <param name="At">AR by the limit of detections.</param>
/// <param name="Small">AR of objects of at most 32 x 32 pixels, at the largest limit.</param>
/// <param name="Medium">AR of objects from 32 x 32 to 96 x 96 pixels.</param>
/// <param name="Large">AR of objects of at least 96 x 96 pixels.</param>
public sealed record AverageRecall(IReadOnlyDictionary<int, double?> At, double? Small, double? Medium, double? Large);

/// <summary>The scores of one category.</summary>
/// <param name="Id">The category's id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Ap">AP at the largest limit.</param>
/// <param name="Ap50">AP50 at the largest limit.</param>
/// <param name="Ar">AR at the largest limit.</param>
public sealed record CategoryPrecision(long Id, string Name, double? Ap, double? Ap50, double? Ar);

/// <summary>The result of a <see cref="DetectionEvaluator"/>.</summary>
/// <param name="Data">The file of the ground truth.</param>
/// <param name="Detections">The file of the detections, or the name of the model.</param>
/// <param name="Compared"><c>masks</c> or <c>boxes</c>.</param>
/// <param name="Rules"><c>coco</c>, <c>coco without categories</c> or <c>lvis</c>.</param>
/// <param name="Images">Number of pictures.</param>
/// <param name="Objects">Number of ground-truth objects, including crowds.</param>
/// <param name="Count">Number of detections.</param>
/// <param name="Precision">Average precision.</param>
/// <param name="Recall">Average recall.</param>
/// <param name="Categories">Scores by category; empty for rules without categories.</param>
public sealed record DetectionReport(
    string Data, string Detections, string Compared, string Rules, int Images, int Objects, int Count,
    AveragePrecision Precision, AverageRecall Recall, IReadOnlyList<CategoryPrecision> Categories)
{
    /// <summary>The precision and recall curves.</summary>
    internal DetectionCurves? Curves { get; init; }
}
