using System.Globalization;
using System.Net;
using System.Text;
using PocketSam.Training.Evaluation;

namespace PocketSam.Cli.Measures;

/// <summary>
/// Writes a report to a folder: <c>report.html</c>, a self-contained page without scripts or links, with tables, a
/// chart and pictures of the best and worst cases; and <c>report.json</c> with the numbers.
/// </summary>
/// <param name="folder">The folder, which is created if it does not exist.</param>
internal sealed class ReportFolder(string folder)
{
    private const string Style = """
        :root { color-scheme: light dark; --line: #8884; --quiet: #777; }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
        p.lead { color: var(--quiet); margin-top: .25rem; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { text-align: right; padding: .3rem .8rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
        th:first-child, td:first-child { text-align: left; padding-left: 0; white-space: normal; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0; }
        dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
        .cases { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 1rem; }
        figure { margin: 0; } img { width: 100%; aspect-ratio: 1; object-fit: contain; background: #8881; display: block; border-radius: 4px; }
        figcaption { font-size: .85rem; color: var(--quiet); overflow-wrap: anywhere; } figcaption b { color: CanvasText; }
        .key span { display: inline-block; padding: 0 .5rem; border-radius: 3px; color: #fff; margin-right: .4rem; }
        svg text { fill: currentColor; font: 12px system-ui, sans-serif; }
        """;

    /// <summary>Path of the page.</summary>
    public string Page { get; } = Path.Combine(folder, "report.html");

    /// <summary>Path of the JSON file.</summary>
    public string Json { get; } = Path.Combine(folder, "report.json");

    /// <summary>Writes both files.</summary>
    /// <param name="report">The report.</param>
    /// <param name="reader">Decodes the pictures of the cases.</param>
    /// <param name="command">The command that repeats the measurement.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Write(MeasureReport report, PictureReader reader, string command)
    {
        OutputPath.CreateFolder(folder);
        byte[] page = Encoding.UTF8.GetBytes(PageOf(report, reader, command));
        AtomicFile.Write(Page, stream => stream.Write(page));
        AtomicFile.Write(Json, report.WriteJson);
    }

    private static string PageOf(MeasureReport report, PictureReader reader, string command)
    {
        var html = new StringBuilder();
        string title = $"{report.Measure}: {report.Model ?? "results of others"}";
        html.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width\">\n<title>").Append(Text(title)).Append("</title>\n<style>\n")
            .Append(Style).Append("\n</style>\n</head>\n<body>\n<h1>").Append(Text(title)).Append("</h1>\n<p class=\"lead\">")
            .Append(Text(string.Create(
                CultureInfo.InvariantCulture,
                $"{report.Data}, {report.Images} pictures{(report.Seconds > 0 ? $", {report.Seconds:0.0} seconds" : "")}")))
            .Append("</p>\n");
        foreach (MeasureTable table in report.Tables)
        {
            html.Append("<h2>").Append(Text(table.Title)).Append("</h2>\n");
            if (Curve.Of(table) is { } curve)
                html.Append(curve);
            AppendTable(html, table);
        }

        AppendCases(html, "Worst", report.Worst, reader);
        AppendCases(html, "Best", report.Best, reader);
        html.Append("<h2>How it was measured</h2>\n<dl>\n");
        foreach ((string name, string value) in report.Protocol.Append(new("command", command)))
            html.Append("<dt>").Append(Text(name)).Append("</dt><dd>").Append(Text(value)).Append("</dd>\n");
        return html.Append("</dl>\n</body>\n</html>\n").ToString();
    }

    private static void AppendTable(StringBuilder html, MeasureTable table)
    {
        html.Append("<div class=\"wide\"><table>\n<tr><th></th>");
        foreach (string column in table.Columns)
            html.Append("<th>").Append(Text(column)).Append("</th>");
        html.Append("</tr>\n");
        foreach (MeasureRow row in table.Rows)
        {
            html.Append("<tr><td>").Append(Text(row.Name)).Append("</td>");
            foreach (double? value in row.Values)
                html.Append("<td>").Append(MeasureText.Number(value)).Append("</td>");
            html.Append("</tr>\n");
        }

        html.Append("</table></div>\n");
    }

    private static void AppendCases(StringBuilder html, string title, IReadOnlyList<EvaluationCase> cases, PictureReader reader)
    {
        if (cases.Count == 0)
            return;
        html.Append("<h2>").Append(title).Append("</h2>\n<p class=\"key\">")
            .Append("<span style=\"background:#009e73\">right</span><span style=\"background:#005adc\">missing</span>")
            .Append("<span style=\"background:#e65000\">too much</span>one of a picture</p>\n<div class=\"cases\">\n");
        foreach (EvaluationCase one in cases)
        {
            html.Append("<figure>");
            if (PictureOf(one, reader) is { } picture)
                html.Append("<img alt=\"\" src=\"data:image/jpeg;base64,").Append(Convert.ToBase64String(picture)).Append("\">");
            else
                html.Append("<p>the picture cannot be read</p>");
            html.Append("<figcaption><b>").Append(MeasureText.Number(one.Value)).Append("</b> ").Append(Text(one.Name)).Append("<br>")
                .Append(Text(Path.GetFileName(one.Picture))).Append("</figcaption></figure>\n");
        }

        html.Append("</div>\n");
    }

    /// <summary>The picture of a case; null if its file is missing, as may be for given results.</summary>
    private static byte[]? PictureOf(EvaluationCase one, PictureReader reader)
    {
        try
        {
            RgbImage picture = reader(one.Picture);
            bool fits = new[] { one.Truth, one.Found }.OfType<Rle>().All(mask => mask.Width == picture.Width && mask.Height == picture.Height);
            return fits ? CasePicture.Draw(one, picture) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
