using PocketSam.Training.Evaluation;

namespace PocketSam.Cli.Measures;

/// <summary>Writes the report of an evaluation as text.</summary>
internal static class EvaluationText
{
    /// <summary>Writes means, baselines, and the results of everything mode.</summary>
    public static void Write(EvaluationReport report, TextWriter text)
    {
        text.WriteLine($"{report.Model} on {report.Data}: {report.Masks} masks in {report.Images} pictures" + (report.Zoom ? ", each looked at closer" : ""));
        foreach ((string name, ProtocolResult result) in report.Protocols)
        {
            string oracle = result.OracleMeanIou is { } value
                ? FormattableString.Invariant($", best of those offered {value:0.0000}") : "";
            text.WriteLine(FormattableString.Invariant(
                $"{name,-13} mean IoU {result.MeanIou:0.0000}, accepted {result.AcceptedShare:0.000}") + oracle);
        }

        if (report.Baselines is { } baselines)
        {
            text.WriteLine(FormattableString.Invariant(
                $"baselines mean IoU {baselines.Box:0.0000} of the box itself, {baselines.Ellipse:0.0000} of its ellipse"));
        }

        foreach ((string mode, EverythingResult result) in report.Everything ?? new Dictionary<string, EverythingResult>())
        {
            text.WriteLine(FormattableString.Invariant(
                $"everything, {mode}: best mask's mean IoU {result.MeanIou:0.0000}, {result.MasksPerPicture:0.0} masks and ")
                + FormattableString.Invariant($"{result.SecondsPerPicture:0.000} s a picture"));
        }
    }
}
