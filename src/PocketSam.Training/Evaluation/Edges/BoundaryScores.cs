namespace PocketSam.Training.Evaluation.Edges;

/// <summary>The scores of BSDS500's benchmark (<c>collect_eval_bdry</c>), 0 to 1.</summary>
/// <param name="Ods">Optimal dataset scale: F at the best common threshold, interpolated linearly between
/// thresholds.</param>
/// <param name="OdsThreshold">The best common threshold.</param>
/// <param name="Ois">Optimal image scale: F with the best threshold of each picture.</param>
/// <param name="Ap">Average precision: the area below the precision-recall curve, at recalls 0, 0.01 ... 1.</param>
/// <param name="R50">Recall at precision 0.5; null if the precision is never that high.</param>
internal sealed record BoundaryScores(double Ods, double OdsThreshold, double Ois, double Ap, double? R50)
{
    /// <summary>Interpolation steps between adjacent thresholds.</summary>
    private const int Steps = 99;

    /// <summary>Computes the scores of some pictures.</summary>
    public static BoundaryScores Of(IReadOnlyList<BoundaryCounts> pictures)
    {
        var all = new BoundaryCounts();
        var best = new BoundaryCounts();
        foreach (BoundaryCounts picture in pictures)
        {
            all.Add(picture);
            best.Add(0, picture, BestOf(picture));
        }

        (double ods, double threshold) = BestForAll(all);
        return new BoundaryScores(ods, threshold, BoundaryCounts.F(best.Precision(0), best.Recall(0)), AreaOf(all), RecallAtHalf(all));
    }

    /// <summary>The index of a picture's best threshold, the first of equal ones.</summary>
    public static int BestOf(BoundaryCounts picture)
        => Enumerable.Range(0, BoundaryCounts.Thresholds).MaxBy(t => BoundaryCounts.F(picture.Precision(t), picture.Recall(t)));

    private static (double F, double Threshold) BestForAll(BoundaryCounts all)
    {
        (double F, double Threshold) best = (BoundaryCounts.F(all.Precision(0), all.Recall(0)), BoundaryCounts.ThresholdOf(0));
        for (int t = 1; t < BoundaryCounts.Thresholds; t++)
        {
            for (int step = 0; step <= Steps; step++)
            {
                double d = (double)step / Steps;
                double f = BoundaryCounts.F(
                    all.Precision(t) * d + all.Precision(t - 1) * (1 - d), all.Recall(t) * d + all.Recall(t - 1) * (1 - d));
                if (f > best.F)
                    best = (f, BoundaryCounts.ThresholdOf(t - 1) + d / (BoundaryCounts.Thresholds + 1));
            }
        }

        return best;
    }

    private static double AreaOf(BoundaryCounts all)
    {
        (double Recall, double Precision)[] curve = Curve(Enumerable.Range(0, BoundaryCounts.Thresholds)
            .Select(t => (all.Recall(t), all.Precision(t))));
        return Enumerable.Range(0, 101).Sum(i => Interpolate(curve, i / 100.0) ?? 0) * 0.01;
    }

    private static double? RecallAtHalf(BoundaryCounts all)
    {
        (double Precision, double Recall)[] curve = Curve(Enumerable.Range(0, BoundaryCounts.Thresholds)
            .Select(t => (all.Precision(t), all.Recall(t))));
        return Interpolate(curve, Math.Max(curve[0].Precision, 0.5));
    }

    /// <summary>Points ordered by x; the last of points with equal x.</summary>
    private static (double X, double Y)[] Curve(IEnumerable<(double X, double Y)> points)
        => [.. points.GroupBy(point => point.X).Select(group => group.Last()).OrderBy(point => point.X)];

    /// <summary>Linear interpolation; null outside of the curve, or if it has fewer than two points.</summary>
    private static double? Interpolate((double X, double Y)[] curve, double x)
    {
        if (curve.Length < 2 || x < curve[0].X || x > curve[^1].X)
            return null;
        int right = Array.FindIndex(curve, point => point.X >= x);
        if (curve[right].X == x)
            return curve[right].Y;
        (double x0, double y0) = curve[right - 1];
        return y0 + (curve[right].Y - y0) * (x - x0) / (curve[right].X - x0);
    }
}
