namespace PocketSam.Training.Evaluation.Edges;

/// <summary>What BSDS500's benchmark tells (<c>collect_eval_bdry</c>), 0 to 1.</summary>
/// <param name="Ods">F at the threshold that is best for all pictures together, between thresholds by straight lines.</param>
/// <param name="OdsThreshold">That threshold.</param>
/// <param name="Ois">F where each picture has its own best threshold.</param>
/// <param name="Ap">Area below the curve of precision over recall, at recalls 0, 0.01 ... 1.</param>
/// <param name="R50">Recall at the precision 0.5; null where the precision is never so high.</param>
internal sealed record BoundaryScores(double Ods, double OdsThreshold, double Ois, double Ap, double? R50)
{
    /// <summary>Steps from one threshold to the next that are looked at for the best.</summary>
    private const int Steps = 99;

    /// <summary>Scores of some pictures.</summary>
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

    /// <summary>The place of the best threshold of one picture, the first of equals.</summary>
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

    /// <summary>Points by x, of equal ones the last.</summary>
    private static (double X, double Y)[] Curve(IEnumerable<(double X, double Y)> points)
        => [.. points.GroupBy(point => point.X).Select(group => group.Last()).OrderBy(point => point.X)];

    /// <summary>The value between two points; null outside of the curve, or where it is a point alone.</summary>
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
