using System.Globalization;
using System.Xml.Linq;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace PocketSam.Cli.Charts;

/// <summary>One coordinate system with the curves of one quantity over the steps.</summary>
/// <param name="title">The title.</param>
/// <param name="entries">The curves, each with its name in the legend and the index of its colour.</param>
/// <param name="hasSteps">Whether raw values are drawn behind the averages.</param>
internal sealed class CurvePanel(string title, IReadOnlyList<(string Name, Curve Curve, int Color)> entries, bool hasSteps)
{
    /// <summary>
    /// Fraction of the points that the axis may cut off at either end, so that a few outliers do not flatten the rest.
    /// </summary>
    private const double Outliers = 0.01;

    private const string Font = "sans-serif";
    private const byte RawAlpha = 70;
    private const double LeftMargin = 72, RightMargin = 20, LegendLeft = 80;

    private static readonly OxyColor Frame = OxyColor.FromRgb(140, 149, 159), Grid = OxyColor.FromRgb(234, 238, 242);

    private static readonly OxyColor[] Palette =
    [
        OxyColor.FromRgb(9, 105, 218), OxyColor.FromRgb(207, 34, 46), OxyColor.FromRgb(26, 127, 55),
        OxyColor.FromRgb(188, 76, 0), OxyColor.FromRgb(130, 80, 223), OxyColor.FromRgb(27, 124, 131),
        OxyColor.FromRgb(191, 57, 137), OxyColor.FromRgb(87, 96, 106),
    ];

    /// <summary>The model that OxyPlot draws.</summary>
    /// <param name="from">First step of the axis.</param>
    /// <param name="to">Last step of the axis.</param>
    /// <param name="stages">
    /// Steps at which the input size changes, with the size in pixels; each is marked by a line.
    /// </param>
    public PlotModel Model(double from, double to, IReadOnlyList<(long Step, int Size)> stages)
    {
        var model = new PlotModel
        {
            PlotMargins = new OxyThickness(LeftMargin, double.NaN, RightMargin, double.NaN),
            PlotAreaBorderColor = Frame,
            Culture = CultureInfo.InvariantCulture,
            DefaultFont = Font,
        };
        (double low, double high) = Range();
        model.Axes.Add(Axis(AxisPosition.Bottom, from, to));
        model.Axes.Add(Axis(AxisPosition.Left, low, high));
        foreach ((long step, int size) in stages)
        {
            model.Annotations.Add(new LineAnnotation
            {
                Type = LineAnnotationType.Vertical, X = step, Color = Frame, LineStyle = LineStyle.Dash, StrokeThickness = 1,
                Text = $"{size} px", TextColor = Frame, FontSize = 11, TextOrientation = AnnotationTextOrientation.Horizontal,
                TextLinePosition = 0, TextHorizontalAlignment = HorizontalAlignment.Left,
                TextVerticalAlignment = VerticalAlignment.Bottom,
            });
        }

        foreach ((_, Curve curve, int color) in entries.Where(e => hasSteps && !e.Curve.IsValidation))
            model.Series.Add(Line(curve.Points(), OxyColor.FromAColor(RawAlpha, ColorOf(color)), thickness: 1));
        foreach ((_, Curve curve, int color) in entries)
        {
            LineSeries line = Line(curve.Line(), ColorOf(color), thickness: 2);
            if (curve.IsValidation || curve.Count == 1)
                (line.MarkerType, line.MarkerSize, line.MarkerFill) = (MarkerType.Circle, 4, ColorOf(color));
            if (curve.IsValidation)
                line.LineStyle = LineStyle.Dash;
            model.Series.Add(line);
        }

        return model;
    }

    /// <summary>
    /// The title and each curve's colour, name and last value as one line of text. It is one text element because only
    /// the viewer knows the width of its letters.
    /// </summary>
    /// <param name="svg">The SVG namespace.</param>
    /// <param name="y">The baseline in SVG units.</param>
    public XElement Legend(XNamespace svg, double y)
    {
        return new XElement(
            svg + "text", new XAttribute("x", LegendLeft), new XAttribute("y", y), new XAttribute("font-family", Font),
            new XAttribute("font-size", 13), new XAttribute("fill", "#24292f"), Part(title, "#24292f", 0, isBold: true),
            entries.SelectMany(e => (XElement[])
            [
                Part(e.Curve.IsValidation ? "\u25cb" : "\u25cf", HexOf(ColorOf(e.Color)), 20),
                Part($"{e.Name} {Number(e.Curve.Last)}", "#24292f", 6),
            ]));

        XElement Part(string text, string color, double gap, bool isBold = false) => new(
            svg + "tspan", new XAttribute("dx", gap), new XAttribute("fill", color),
            isBold ? new XAttribute("font-weight", "bold") : null, text);

        static string HexOf(OxyColor color) => $"#{color.R:x2}{color.G:x2}{color.B:x2}";
    }

    private static OxyColor ColorOf(int color) => Palette[color % Palette.Length];

    private static string Number(double value)
        => value.ToString(Math.Abs(value) < 0.1 ? "G3" : "0.000", CultureInfo.InvariantCulture);

    private static LineSeries Line(IReadOnlyList<(long Step, double Value)> points, OxyColor color, double thickness)
    {
        var line = new LineSeries { Color = color, StrokeThickness = thickness };
        line.Points.AddRange(points.Select(p => new DataPoint(p.Step, p.Value)));
        return line;
    }

    private static LinearAxis Axis(AxisPosition position, double from, double to) => new()
    {
        Position = position, Minimum = from, Maximum = to, AxislineColor = Frame, TicklineColor = Frame,
        MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = Grid, MinorTickSize = 0,
    };

    private (double Low, double High) Range()
    {
        double[] sorted = [.. entries.SelectMany(e => e.Curve.Points()).Select(p => p.Value).Order()];
        int spared = (int)(sorted.Length * Outliers);
        double low = sorted[spared], high = sorted[^(spared + 1)];
        double margin = high > low ? (high - low) * 0.05 : Math.Max(Math.Abs(high) * 0.1, 1e-6);
        return (low >= 0 ? Math.Max(low - margin, 0) : low - margin, high + margin);
    }
}
