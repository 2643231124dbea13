using System.Globalization;
using PocketSam.Training.Words;

namespace PocketSam.Cli.Words;

/// <summary>Writes measurements of words as text.</summary>
internal static class WordLines
{
    /// <summary>Writes the overall figures, then those of each word.</summary>
    public static void Write(WordReport report, TextWriter text)
    {
        text.WriteLine(Text($"{report.Questions} questions for words that are there in {report.Pictures} pictures, as many for others; answers from {report.Threshold:0.00} on"));
        text.WriteLine(Text($"pointing      {report.Pointing:0.000} (another word: {report.ShuffledPointing:0.000}; a right mask is there: {report.Reachable:0.000})"));
        text.WriteLine(Text($"presence      {report.Presence:0.000} (found {report.Found:0.000}, absent called absent {report.AbsentCalledAbsent:0.000})"));
        text.WriteLine(Text($"mean IoU      {report.MeanIou:0.000} (another word: {report.ShuffledMeanIou:0.000})"));
        Write(report.Words, text);
    }

    /// <summary>Writes a table of words and their figures.</summary>
    public static void Write(IReadOnlyList<KnownWord> words, TextWriter text)
    {
        text.WriteLine(Text($"{"word",-24} {"masks",6} {"pictures",9} {"pointing",9} {"found",6} {"mean IoU",9}"));
        foreach (KnownWord word in words)
        {
            string figures = word.Pictures == 0 ? $"{"-",9} {"-",6} {"-",9}" : Text($"{word.Pointing,9:0.00} {word.Found,6:0.00} {word.MeanIou,9:0.00}");
            text.WriteLine(Text($"{EscapingWriter.OneLine(word.Name),-24} {word.Masks,6} {word.Pictures,9} {figures}"));
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
