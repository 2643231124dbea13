using PocketSam.Training.Evaluation;

namespace PocketSam.Cli.Measures;

/// <summary>Writes a comparison with a teacher as text.</summary>
internal static class AgreementText
{
    /// <summary>Writes a row for each protocol.</summary>
    public static void Write(AgreementReport report, TextWriter text)
    {
        text.WriteLine(
            $"{report.Model} against {report.Teacher} on {report.Data}: {report.Masks} masks in {report.Images} pictures");
        text.WriteLine($"{"protocol",-13} {"mean_iou",8} {"first_ranked_mean_iou",21} {"masks",6} {"left_out",8}");
        foreach ((string name, AgreementResult result) in report.Protocols)
        {
            text.WriteLine(
                $"{name,-13} {Iou(result.MeanIou),8} {Iou(result.FirstRankedMeanIou),21} {result.Masks,6} {result.LeftOut,8}");
        }

        static string Iou(double? mean) => mean is { } value ? FormattableString.Invariant($"{value:0.0000}") : "-";
    }
}
