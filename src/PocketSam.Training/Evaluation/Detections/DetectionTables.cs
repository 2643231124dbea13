using System.Globalization;

namespace PocketSam.Training.Evaluation.Detections;

/// <summary>Converts reports to tables.</summary>
internal static class DetectionTables
{
    /// <summary>Tables of AP and AR and, if there are several categories, of each category.</summary>
    public static MeasureTable[] Of(DetectionReport report)
    {
        AveragePrecision p = report.Precision;
        AverageRecall r = report.Recall;
        bool isLvis = p.Rare is not null || p.Common is not null || p.Frequent is not null;
        string[] sizes = SizeClass.Names;
        List<MeasureTable> tables =
        [
            new(
                $"average precision, {report.Compared}",
                ["AP", "AP50", "AP75", .. sizes, .. isLvis ? (string[])["rare", "common", "frequent"] : []],
                [new("AP", [p.All, p.At50, p.At75, p.Small, p.Medium, p.Large, .. isLvis ? (double?[])[p.Rare, p.Common, p.Frequent] : []])]),
            RecallOf(report),
        ];
        if (report.Categories.Count > 1)
        {
            tables.Add(new MeasureTable(
                "by category", ["AP", "AP50", "AR"],
                [.. report.Categories.Where(c => c.Ar is not null).Select(c => new MeasureRow(c.Name, [c.Ap, c.Ap50, c.Ar]))]));
        }

        return [.. tables];
    }

    /// <summary>The table of AR.</summary>
    public static MeasureTable RecallOf(DetectionReport report)
    {
        AverageRecall recall = report.Recall;
        return new MeasureTable(
            $"average recall, {report.Compared}",
            [.. recall.At.Keys.Select(n => string.Create(CultureInfo.InvariantCulture, $"AR@{n}")), .. SizeClass.Names],
            [new("AR", [.. recall.At.Values, recall.Small, recall.Medium, recall.Large])]);
    }
}
