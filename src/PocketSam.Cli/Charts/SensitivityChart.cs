using System.Globalization;
using System.Text;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;
using PocketSam.Training.Quantization;

namespace PocketSam.Cli.Charts;

/// <summary>
/// Draws a bar for each layer of a model: the error of the embedding when that layer alone computes with 8-bit
/// integers.
/// </summary>
internal static class SensitivityChart
{
    private const int Width = 960, BarHeight = 15, Around = 90, NamesWidth = 190, Margin = 16;
    private const string Prefix = "image_encoder.";

    private static readonly OxyColor Integer = OxyColor.FromRgb(9, 105, 218), Float = OxyColor.FromRgb(207, 34, 46),
        Frame = OxyColor.FromRgb(140, 149, 159), Grid = OxyColor.FromRgb(234, 238, 242);

    /// <summary>
    /// Draws the layers in the order of the network; those that stay in floating point have another colour.
    /// </summary>
    /// <param name="model">The model's name or path, for the title.</param>
    /// <param name="layers">The layers; at least one.</param>
    /// <param name="floats">Keys of the layers that stay in floating point.</param>
    /// <param name="path">The SVG file, written completely or not at all.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string model, IReadOnlyList<LayerSensitivity> layers, IReadOnlyList<string> floats, string path)
    {
        var plot = new PlotModel
        {
            Title = $"{Path.GetFileName(model)}: error of the embedding with 8 bits in one layer",
            Subtitle = floats.Count > 0 ? $"red: the {floats.Count} that stay floats" : null,
            TitleFontWeight = FontWeights.Normal, TitleFontSize = 16, SubtitleFontSize = 12,
            PlotMargins = new OxyThickness(NamesWidth, double.NaN, Margin, double.NaN),
            PlotAreaBorderColor = Frame, Culture = CultureInfo.InvariantCulture, DefaultFont = "sans-serif",
        };
        var names = new CategoryAxis { Position = AxisPosition.Left, FontSize = 10, GapWidth = 0.25, StartPosition = 1, EndPosition = 0, MajorTickSize = 0 };
        var bars = new BarSeries { StrokeThickness = 0 };
        foreach (LayerSensitivity layer in layers)
        {
            names.Labels.Add(layer.Layer.StartsWith(Prefix, StringComparison.Ordinal) ? layer.Layer[Prefix.Length..] : layer.Layer);
            bars.Items.Add(new BarItem(layer.Error * 100) { Color = floats.Contains(layer.Layer) ? Float : Integer });
        }

        plot.Axes.Add(names);
        plot.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Bottom, Minimum = 0, Title = "% of the embedding's length", MajorGridlineStyle = LineStyle.Solid,
            MajorGridlineColor = Grid, TicklineColor = Frame,
        });
        plot.Series.Add(bars);
        var exporter = new SvgExporter { Width = Width, Height = Around + BarHeight * layers.Count };
        string svg = exporter.ExportToString(plot);
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(svg)));
    }
}
