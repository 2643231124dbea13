namespace PocketSam.Training.Evaluation.Detections;

/// <summary>
/// Precision at 101 recall values, and recall, by IoU threshold, category, size range and limit of detections; -1 if
/// there are no objects (pycocotools, <c>COCOeval.accumulate</c>).
/// </summary>
internal sealed class DetectionCurves
{
    /// <summary>The number of recall values, from 0 to 1, at which precision is taken.</summary>
    public const int RecallSteps = 101;

    private readonly int _categories;
    private readonly int _limits;

    public DetectionCurves(int categories, int limits)
    {
        (_categories, _limits) = (categories, limits);
        int curves = Ious * categories * Areas * limits;
        Recall = NewArray(curves);
        Precision = NewArray(curves * RecallSteps);
        Scores = NewArray(curves * RecallSteps);
    }

    public static int Ious => DetectionMatcher.IouThresholds.Length;

    public static int Areas => AreaRange.All.Length;

    /// <summary>Recall, <c>[iou, category, area, limit]</c>.</summary>
    public double[] Recall { get; }

    /// <summary>Precision, <c>[iou, recall, category, area, limit]</c>.</summary>
    public double[] Precision { get; }

    /// <summary>The score at which each precision is reached; shaped like <see cref="Precision"/>.</summary>
    public double[] Scores { get; }

    public int PlaceOfRecall(int iou, int category, int area, int limit)
        => ((iou * _categories + category) * Areas + area) * _limits + limit;

    public int PlaceOfPrecision(int iou, int recall, int category, int area, int limit)
        => PlaceOfRecall(iou * RecallSteps + recall, category, area, limit);

    /// <summary>Mean of the precisions that are not -1; null if there are none.</summary>
    /// <param name="iou">Index of the IoU threshold; null for all.</param>
    /// <param name="categories">Indices of the categories; null for all.</param>
    /// <param name="area">Index of the size range.</param>
    /// <param name="limit">Index of the limit of detections.</param>
    public double? MeanPrecision(int? iou, IEnumerable<int>? categories, int area, int limit)
        => Mean(Precision, iou, categories, area, limit, RecallSteps);

    /// <summary>Mean of the recalls that are not -1; null if there are none.</summary>
    public double? MeanRecall(IEnumerable<int>? categories, int area, int limit)
        => Mean(Recall, null, categories, area, limit, 1);

    private double? Mean(double[] values, int? iou, IEnumerable<int>? categories, int area, int limit, int steps)
    {
        double sum = 0;
        long count = 0;
        foreach (int category in categories ?? Enumerable.Range(0, _categories))
        {
            for (int i = iou ?? 0, end = iou is null ? Ious : i + 1; i < end; i++)
            {
                for (int step = 0; step < steps; step++)
                {
                    double value = values[PlaceOfRecall(i * steps + step, category, area, limit)];
                    if (value > -1)
                        (sum, count) = (sum + value, count + 1);
                }
            }
        }

        return count == 0 ? null : sum / count;
    }

    private static double[] NewArray(int length)
    {
        double[] array = new double[length];
        Array.Fill(array, -1);
        return array;
    }
}
