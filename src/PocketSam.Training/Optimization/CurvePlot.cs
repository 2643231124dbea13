using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using PocketSam.Training.Optimization.Curves;

namespace PocketSam.Training.Optimization;

/// <summary>
/// The course of a training as a picture: losses and IoUs over the steps, each step as a faint dot and the mean of the steps
/// around it as a line. The picture is light or dark as the viewer prefers, and needs nothing but itself.
/// </summary>
public static class CurvePlot
{
    internal static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private const double Width = 960;
    private const double Left = 64;
    private const double Right = Width - 24;
    private const double Top = 122;
    private const double Gap = 66;
    private const double Bottom = 58;
    private const double StageLabelWidth = 52;
    private const int StepTicks = 10;
    private const int Colors = 6;

    private const string Style =
        """

        text { font-family: system-ui, -apple-system, "Segoe UI", sans-serif; font-size: 12px; fill: #24292f }
        .title { font-size: 18px; font-weight: 600 } .panel { font-weight: 600 }
        .tick, .note { fill: #6e7781 } .stage-label { fill: #8c959f } .tick, .stage-label { font-size: 11px }
        .key { fill: currentColor }
        path { fill: none; stroke: currentColor; stroke-linecap: round; stroke-linejoin: round }
        .back { fill: #ffffff } .grid { stroke: #eaeef2 } .axis { stroke: #afb8c1 }
        .stage { stroke: #afb8c1; stroke-dasharray: 2 4 }
        .raw { stroke-width: 3; stroke-opacity: .25 } .mean { stroke-width: 2 } .last { stroke-width: 7 }
        .c0 { color: #cf222e } .c1 { color: #0969da } .c2 { color: #bc4c00 }
        .c3 { color: #1a7f37 } .c4 { color: #8250df } .c5 { color: #1b7c83 }
        @media (prefers-color-scheme: dark) {
          text { fill: #e6edf3 } .tick, .note { fill: #8b949e } .stage-label { fill: #6e7681 }
          .back { fill: #0d1117 } .grid { stroke: #21262d } .axis, .stage { stroke: #484f58 }
          .raw { stroke-opacity: .32 }
          .c0 { color: #ff7b72 } .c1 { color: #58a6ff } .c2 { color: #ffa657 }
          .c3 { color: #56d364 } .c4 { color: #d2a8ff } .c5 { color: #39c5cf }
        }

        """;

    /// <summary>
    /// Draws the log of a training. At most about a thousand points are drawn of each curve, evenly chosen; means are
    /// taken of all steps. Dashed lines mark where the input size changes.
    /// </summary>
    /// <param name="csvPath">
    /// A file as <see cref="StepLog"/> writes it: a first line with the names of the columns, then a line a step.
    /// Needed is the column <c>step</c>; drawn are <c>loss</c>, <c>*_loss</c> and <c>*_iou</c>, and changes of
    /// <c>size</c>. Values that are not finite are passed over. Another process may be writing it.
    /// </param>
    /// <param name="svgPath">The picture; written whole or not at all.</param>
    /// <exception cref="DataFormatException">The file is no log of steps.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static void Write(string csvPath, string svgPath)
    {
        ArgumentException.ThrowIfNullOrEmpty(csvPath);
        ArgumentException.ThrowIfNullOrEmpty(svgPath);
        CurveLog log = CurveLog.Read(csvPath);
        string folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(csvPath))) ?? "";
        XElement picture = Draw(log, string.Concat(folder.Where(XmlConvert.IsXmlChar)));
        AtomicFile.Write(svgPath, stream =>
        {
            var settings = new XmlWriterSettings
            {
                Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), Indent = true, OmitXmlDeclaration = true,
            };
            using var writer = XmlWriter.Create(stream, settings);
            picture.Save(writer);
        });
    }

    private static XElement Draw(CurveLog log, string name)
    {
        (string Title, IReadOnlyList<Curve> Curves, double Limit)[] groups =
            [("Loss", Measured(log.Losses), double.PositiveInfinity), ("IoU", Measured(log.Ious), 1)];
        groups = [.. groups.Where(g => g.Curves.Count > 0)];
        double height = Top + Bottom + Math.Max(1, groups.Length) * (CurvePanel.Height + Gap) - Gap;
        string title = $"Training {name}".TrimEnd();

        var picture = new XElement(
            Svg + "svg", new XAttribute("viewBox", $"0 0 {Width} {height}"), new XAttribute("width", Width),
            new XAttribute("height", height), new XAttribute("role", "img"),
            new XElement(Svg + "title", title), new XElement(Svg + "style", Style),
            new XElement(
                Svg + "rect", new XAttribute("class", "back"), new XAttribute("width", Width),
                new XAttribute("height", height)),
            CurvePanel.Text("title", Left, 36, title));
        if (groups.Length == 0)
        {
            picture.Add(CurvePanel.Text("note", Left, 58, "no steps yet"));
            return picture;
        }

        picture.Add(CurvePanel.Text("note", Left, 58, Note(log, groups[0].Curves[0])));
        double from = log.First <= 1 ? 0 : log.First;
        var steps = new PlotAxis(from, Math.Max(log.Last, from + 1), Left, Right, StepTicks, leastSpacing: 1);
        double bottom = height - Bottom;
        StageLabels(picture, log, steps);
        int colors = 0;
        for (int i = 0; i < groups.Length; i++)
        {
            double top = Top + i * (CurvePanel.Height + Gap);
            foreach ((long step, _) in log.Stages.Skip(1))
                picture.Add(CurvePanel.Line("stage", steps.Place(step), top, steps.Place(step), top + CurvePanel.Height));
            var panel = new CurvePanel(
                groups[i].Title, [.. groups[i].Curves.Select(curve => (curve, colors++ % Colors))], groups[i].Limit);
            picture.Add(panel.Draw(steps, Left, Right, top, $"panel{i}"));
        }

        foreach (double tick in steps.Ticks())
            picture.Add(CurvePanel.Text("tick", steps.Place(tick), bottom + 18, steps.Label(tick), "middle"));
        picture.Add(CurvePanel.Text("note", (Left + Right) / 2, bottom + 40, "step", "middle"));
        return picture;
    }

    private static Curve[] Measured(IReadOnlyList<Curve> curves) => [.. curves.Where(c => c.Count > 0)];

    private static string Note(CurveLog log, Curve curve)
    {
        string dots = curve.Count > Curve.MaxPoints
            ? $"a dot is a step, {Curve.MaxPoints} of them shown" : "a dot is a step";
        string steps = log.Steps == 1 ? "step" : "steps";
        return string.Create(
            CultureInfo.InvariantCulture, $"{log.Steps:N0} {steps}; {dots}, a line the mean of {curve.Window:N0}");
    }

    /// <summary>The input size of each stage that leaves room for it.</summary>
    private static void StageLabels(XElement picture, CurveLog log, PlotAxis steps)
    {
        double free = Left;
        for (int i = 0; i < log.Stages.Count; i++)
        {
            (long step, int size) = log.Stages[i];
            double x = i == 0 ? Left : steps.Place(step);
            if (x < free || x + StageLabelWidth > Width)
                continue;
            picture.Add(CurvePanel.Text("stage-label", x, Top - 8, $"{size} px"));
            free = x + StageLabelWidth;
        }
    }
}
