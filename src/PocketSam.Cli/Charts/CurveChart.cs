using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using OxyPlot;

namespace PocketSam.Cli.Charts;

/// <summary>
/// Draws one or several trainings as an SVG picture: moving averages as lines, validations as marked points, and for a
/// single training each step as a thin line behind them.
/// </summary>
internal static class CurveChart
{
    private const int Width = 960, Top = 84, PanelHeight = 250, PanelGap = 34, Bottom = 22, Left = 20;

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <summary>
    /// Draws the chart. One training has a panel for each quantity, which shows its curves together. Several trainings
    /// have a panel for each column that any of them has, with a line of a different colour for each training.
    /// </summary>
    /// <param name="logs">The logs; at least one.</param>
    /// <param name="path">The SVG file, written completely or not at all.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(IReadOnlyList<TrainingLog> logs, string path)
    {
        XElement picture = Draw(logs);
        AtomicFile.Write(path, stream =>
        {
            using var writer = XmlWriter.Create(stream, new XmlWriterSettings
            {
                Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), OmitXmlDeclaration = true,
            });
            picture.Save(writer);
        });
    }

    private static XElement Draw(IReadOnlyList<TrainingLog> logs)
    {
        bool isOne = logs.Count == 1;
        CurvePanel[] panels = [.. isOne ? OfOne(logs[0]) : OfSeveral(logs)];
        long first = logs.Min(log => log.First), last = logs.Max(log => log.Last);
        double from = first <= 1 ? 0 : first, to = Math.Max(last, from + 1);

        // Stages of several trainings are at different steps, so they are not marked.
        IReadOnlyList<(long, int)> stages = isOne && logs[0].Stages.Count > 1 ? logs[0].Stages : [];
        int height = Top + panels.Length * (PanelHeight + PanelGap) - PanelGap + Bottom;
        string title = Printable(isOne ? $"Training {logs[0].Name}".TrimEnd() : $"{logs.Count} trainings");
        string note = isOne
            ? $"{logs[0].Steps.ToString("N0", CultureInfo.InvariantCulture)} steps; numbers are those at the end"
            : "numbers are those at the end of each";
        return new XElement(
            Svg + "svg", new XAttribute("viewBox", $"0 0 {Width} {height}"), new XAttribute("width", Width),
            new XAttribute("height", height), new XAttribute("role", "img"), new XElement(Svg + "title", title),
            new XElement(
                Svg + "rect", new XAttribute("width", Width), new XAttribute("height", height), new XAttribute("fill", "#ffffff")),
            Text(Left, 28, 18, "#24292f", title), Text(Left, 46, 12, "#6e7781", note),
            panels.Select((panel, i) => (XElement[])
            [
                panel.Legend(Svg, TopOf(i) - 6), Nested(panel.Model(from, to, stages), i),
            ]),
            Text(Width / 2, height - 8, 12, "#6e7781", "step"));
    }

    /// <summary>A validation has the colour of the measure that it validates.</summary>
    private static IEnumerable<CurvePanel> OfOne(TrainingLog log)
        => log.Curves.GroupBy(curve => curve.Quantity).OrderBy(group => group.Key).Select(group =>
        {
            List<string> measures = [.. group.Select(curve => curve.Measure).Distinct()];
            return new CurvePanel(
                Name(group.Key),
                [
                    .. group.Select(curve => (
                        curve.IsValidation ? $"{curve.Measure}, validation" : curve.Measure, curve,
                        measures.IndexOf(curve.Measure))),
                ],
                hasSteps: true);
        });

    private static IEnumerable<CurvePanel> OfSeveral(IReadOnlyList<TrainingLog> logs)
    {
        bool areNamesDistinct = logs.Select(log => log.Name).Distinct().Count() == logs.Count;
        return logs.SelectMany((log, i) => log.Curves.Select(curve => (Log: log, Curve: curve, Number: i)))
            .GroupBy(entry => entry.Curve.Column)
            .OrderBy(group => group.First().Curve.Quantity)
            .Select(group => new CurvePanel(
                group.Key.Replace('_', ' ').Replace(" iou", " IoU", StringComparison.Ordinal),
                [.. group.Select(e => (Printable(areNamesDistinct ? e.Log.Name : e.Log.Path), e.Curve, e.Number))],
                hasSteps: false));
    }

    private static string Name(Quantity quantity) => quantity switch
    {
        Quantity.Loss => "loss",
        Quantity.Iou => "IoU",
        _ => "learning rate",
    };

    /// <summary>A panel as an SVG nested in the whole picture, with unique names for its clip paths.</summary>
    private static XElement Nested(PlotModel model, int number)
    {
        var exporter = new SvgExporter { Width = Width, Height = PanelHeight, IsDocument = false };
        XElement svg = XElement.Parse(exporter.ExportToString(model));
        svg.SetAttributeValue("y", TopOf(number));
        foreach (XAttribute attribute in svg.Descendants().Attributes().Where(a => a.Name == "id" || a.Name == "clip-path"))
            attribute.Value = attribute.Value.Replace("clipPath", $"panel{number}-clip", StringComparison.Ordinal);
        return svg;
    }

    private static int TopOf(int panel) => Top + panel * (PanelHeight + PanelGap);

    private static XElement Text(int x, int y, int size, string color, string text)
        => new(
            Svg + "text", new XAttribute("x", x), new XAttribute("y", y), new XAttribute("font-family", "sans-serif"),
            new XAttribute("font-size", size), new XAttribute("fill", color), text);

    private static string Printable(string text) => string.Concat(text.Where(XmlConvert.IsXmlChar));
}
