using System.Globalization;
using System.Net;
using System.Text;
using PocketSam.Training.Evaluation;

namespace PocketSam.Cli.Measures;

/// <summary>Draws a table with numeric columns as a line chart, SVG.</summary>
internal static class Curve
{
    private const int Width = 640, Height = 260, Left = 40, Right = 170, Top = 10, Bottom = 30;

    private static readonly string[] Colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00"];

    /// <summary>The chart; null if the columns are not numbers, or there is only one.</summary>
    public static string? Of(MeasureTable table)
    {
        double[] x = [.. table.Columns.Select(name => double.TryParse(name, NumberStyles.Float, CultureInfo.InvariantCulture, out double n) ? n : double.NaN)];
        if (x.Length < 2 || x.Any(double.IsNaN))
            return null;
        var svg = new StringBuilder();
        svg.Append(Invariant($"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" style=\"width:100%;max-width:{Width}px\">\n"));
        for (int tick = 0; tick <= 5; tick++)
        {
            double y = Y(tick / 5.0);
            svg.Append(Invariant($"<path d=\"M{Left} {y}H{Width - Right}\" stroke=\"#8884\"/><text x=\"{Left - 6}\" y=\"{y + 4}\" text-anchor=\"end\">{tick / 5.0:0.0}</text>\n"));
        }

        foreach (double value in x)
            svg.Append(Invariant($"<text x=\"{X(value)}\" y=\"{Height - 10}\" text-anchor=\"middle\">{value}</text>\n"));
        double below = double.NegativeInfinity;
        foreach ((int i, MeasureRow row) in table.Rows.Index().OrderBy(row => -(row.Item.Values[^1] ?? 0)))
        {
            if (row.Values.Any(value => value is null))
                continue;
            string color = Colors[i % Colors.Length];
            string points = string.Join(' ', row.Values.Select((value, c) => Invariant($"{X(x[c])},{Y(value!.Value)}")));
            below = Math.Max(below + 16, Y(row.Values[^1]!.Value) + 4);
            svg.Append(Invariant($"<polyline points=\"{points}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>"))
                .Append(Invariant($"<text x=\"{Width - Right + 8}\" y=\"{below}\" style=\"fill:{color}\">{WebUtility.HtmlEncode(row.Name)}</text>\n"));
        }

        return svg.Append("</svg>\n").ToString();

        double X(double value) => Left + 10 + (Width - Left - Right - 20) * (value - x[0]) / (x[^1] - x[0]);

        static double Y(double value) => Math.Round(Height - Bottom - (Height - Top - Bottom) * Math.Clamp(value, 0, 1), 1);
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
