using System.Globalization;
using System.Text;
using System.Xml.Linq;

namespace PocketSam.Training.Optimization.Curves;

/// <summary>One coordinate system with its curves, as an SVG group.</summary>
/// <param name="title">What the curves are.</param>
/// <param name="curves">Each with at least one value, and the number of its colour.</param>
/// <param name="limit">The largest number that makes sense, for the axis.</param>
internal sealed class CurvePanel(string title, IReadOnlyList<(Curve Curve, int Color)> curves, double limit)
{
    /// <summary>Height of the coordinate system.</summary>
    public const double Height = 230;

    private const double LegendHeight = 26;
    private const int Ticks = 8;

    /// <summary>Share of the points that the axis may leave out at either end: a few wild steps must not flatten the rest.</summary>
    private const double Outliers = 0.01;

    private static readonly XNamespace Svg = CurvePlot.Svg;

    /// <summary>Draws it.</summary>
    /// <param name="steps">The axis of steps.</param>
    /// <param name="left">Left edge of the coordinate system.</param>
    /// <param name="right">Its right edge.</param>
    /// <param name="top">Its top; the legend lies above.</param>
    /// <param name="clip">Name of the clip path of this panel.</param>
    public XElement Draw(PlotAxis steps, double left, double right, double top, string clip)
    {
        double bottom = top + Height;
        (IReadOnlyList<(long, double Value)> Points, IReadOnlyList<(long, double Value)> Means, int Color)[] drawn =
            [.. curves.Select(c => (c.Curve.Points(), c.Curve.Means(), c.Color))];
        (double low, double high) = Range([.. drawn.SelectMany(d => d.Points).Select(p => p.Value).Order()]);
        var values = new PlotAxis(low, high, bottom, top, Ticks);

        var group = new XElement(Svg + "g");
        foreach (double tick in values.Ticks())
        {
            double y = values.Place(tick);
            group.Add(
                Line("grid", left, y, right, y),
                Text("tick", left - 8, y + 4, values.Label(tick), "end"));
        }

        group.Add(Line("axis", left, bottom, right, bottom));
        group.Add(Legend(left, top - LegendHeight));
        group.Add(new XElement(
            Svg + "clipPath", new XAttribute("id", clip),
            new XElement(
                Svg + "rect", new XAttribute("x", left - 4), new XAttribute("y", top),
                new XAttribute("width", right - left + 8), new XAttribute("height", Height))));
        var clipped = new XElement(Svg + "g", new XAttribute("clip-path", $"url(#{clip})"));
        foreach ((IReadOnlyList<(long, double)> points, _, int color) in drawn)
            clipped.Add(Path($"raw c{color}", points, 'M', steps, values));
        foreach ((_, IReadOnlyList<(long, double)> means, int color) in drawn)
        {
            clipped.Add(Path($"mean c{color}", means, 'L', steps, values));
            clipped.Add(Path($"last c{color}", [means[^1]], 'L', steps, values));
        }

        group.Add(clipped);
        return group;
    }

    /// <summary>A line of text.</summary>
    public static XElement Text(string style, double x, double y, string text, string anchor = "start")
        => new(
            Svg + "text", new XAttribute("class", style), new XAttribute("x", Math.Round(x, 1)),
            new XAttribute("y", Math.Round(y, 1)), new XAttribute("text-anchor", anchor), text);

    /// <summary>A straight line.</summary>
    public static XElement Line(string style, double x1, double y1, double x2, double y2)
        => new(
            Svg + "path", new XAttribute("class", style),
            new XAttribute("d", string.Create(CultureInfo.InvariantCulture, $"M{x1:0.#} {y1:0.#}L{x2:0.#} {y2:0.#}")));

    /// <summary>What the panel shows, and each curve's colour, name and last mean.</summary>
    private XElement Legend(double x, double y)
    {
        XElement legend = Text("", x, y, "");
        legend.Add(Part("panel", 0, title));
        foreach ((Curve curve, int color) in curves)
        {
            double value = curve.Means()[^1].Value;
            string last = value.ToString(Math.Abs(value) < 0.1 ? "G3" : "0.000", CultureInfo.InvariantCulture);
            legend.Add(Part($"key c{color}", 20, "\u25cf"), Part("legend", 6, $"{NameOf(curve)} {last}"));
        }

        return legend;

        static XElement Part(string style, int gap, string text)
            => new(Svg + "tspan", new XAttribute("class", style), new XAttribute("dx", gap), text);
    }

    /// <summary>The column without what the title says already.</summary>
    private static string NameOf(Curve curve)
    {
        int suffix = curve.Name.LastIndexOf('_');
        return suffix > 0 ? curve.Name[..suffix].Replace('_', ' ') : curve.Name;
    }

    private (double Low, double High) Range(double[] sorted)
    {
        int spared = (int)(sorted.Length * Outliers);
        double low = sorted[spared], high = sorted[^(spared + 1)];
        double margin = high > low ? (high - low) * 0.05 : Math.Max(Math.Abs(high) * 0.1, 1e-6);
        double least = low >= 0 ? 0 : double.NegativeInfinity, most = high <= limit ? limit : double.PositiveInfinity;
        return (Math.Max(low - margin, least), Math.Min(high + margin, most));
    }

    /// <summary>A path through all points, or dots: a line of no length has round ends.</summary>
    private static XElement Path(
        string style, IReadOnlyList<(long Step, double Value)> points, char join, PlotAxis steps, PlotAxis values)
    {
        var path = new StringBuilder();
        char command = 'M';
        foreach ((long step, double value) in points)
        {
            path.Append(
                CultureInfo.InvariantCulture, $"{command}{steps.Place(step):0.#} {values.Place(value):0.#}");
            if (command == 'M')
                path.Append("h0");
            command = join;
        }

        return new XElement(Svg + "path", new XAttribute("class", style), new XAttribute("d", path.ToString()));
    }
}
