using System.Globalization;
using PocketSam.Training.Evaluation;

namespace PocketSam.Cli.Measures;

/// <summary>Writes the report of a measure as text, in columns.</summary>
internal static class MeasureText
{
    /// <summary>Writes the report.</summary>
    public static void Write(TextWriter text, MeasureReport report)
    {
        text.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Measure}{(report.Model is { } model ? $", {model}" : "")} on {report.Data}: {report.Images} pictures{(report.Seconds > 0 ? string.Create(CultureInfo.InvariantCulture, $" in {report.Seconds:0.0} s") : "")}"));
        foreach ((string name, string value) in report.Protocol)
            text.WriteLine($"  {name}: {value}");
        foreach (MeasureTable table in report.Tables)
        {
            text.WriteLine();
            int first = Math.Max(table.Title.Length, table.Rows.Max(row => row.Name.Length));
            int[] widths = [.. table.Columns.Select((column, c) => Math.Max(column.Length, table.Rows.Max(row => Number(row.Values[c]).Length)))];
            text.WriteLine(table.Title.PadRight(first) + string.Concat(table.Columns.Select((column, c) => "  " + column.PadLeft(widths[c]))));
            foreach (MeasureRow row in table.Rows)
            {
                text.WriteLine(
                    row.Name.PadRight(first) + string.Concat(row.Values.Select((value, c) => "  " + Number(value).PadLeft(widths[c]))));
            }
        }
    }

    /// <summary>The text of a number; a dash for null.</summary>
    public static string Number(double? value) => value switch
    {
        null => "-",
        >= 100 => value.Value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.Value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.0000", CultureInfo.InvariantCulture),
    };
}
