using System.Globalization;
using System.Text;
using System.Xml.Linq;
using PocketSam.Training.Optimization;
using PocketSam.Training.Optimization.Curves;
using PocketSam.Training.Tests.Data;

namespace PocketSam.Training.Tests.Optimization;

public sealed class CurvePlotTests : IDisposable
{
    private const string Header =
        "step,size,batch,loss,box_iou,click_iou,corrected_iou,gradient_norm,learning_rate,prompts,seconds,pictures_per_second";

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Losses_and_IoUs_become_two_panels()
    {
        XElement picture = Draw(Lines(200));

        Assert.Equal(["Loss", "IoU"], Texts(picture, "panel"));
        Assert.Equal(["loss 0.508", "box 0.700", "click 0.500", "corrected 0.600"], Texts(picture, "legend"));
        Assert.Equal(4, Paths(picture, "raw").Length);
        Assert.Equal(200, Dots(Paths(picture, "raw")[0]));
        Assert.Equal(100, Dots(Paths(picture, "raw")[3]));
        Assert.Contains("200 steps; a dot is a step, a line the mean of 31", Texts(picture, "note"));
        Assert.Equal("0 20 40 60 80 100 120 140 160 180 200", string.Join(' ', Texts(picture, "tick")[^11..]));
        Assert.Contains("prefers-color-scheme: dark", picture.Element(Svg + "style")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Means_at_the_start_follow_a_loss_that_falls_fast()
    {
        var curve = new Curve("loss");
        for (int step = 1; step <= 400; step++)
            curve.Add(step, 100.0 / step);

        (long step0, double first) = curve.Means()[0];

        Assert.Equal((1, 31), (step0, curve.Window));
        Assert.Equal((100 + 50 + 100.0 / 3) / 3, first, 9);
        Assert.Equal(curve.Points().TakeLast(16).Average(p => p.Value), curve.Means()[^1].Value, 9);
    }

    [Fact]
    public void Changes_of_the_input_size_are_marked()
    {
        XElement picture = Draw(Lines(200, step => step <= 120 ? 128 : 256));

        Assert.Equal(["128 px", "256 px"], Texts(picture, "stage-label"));
        Assert.Equal(2, Paths(picture, "stage").Length);
    }

    [Fact]
    public void One_step_is_a_dot()
    {
        XElement picture = Draw("1,64,1,0.5,0.25,NaN,NaN,1,0.001,4,1,1");

        Assert.Equal(["loss 0.500", "box 0.250"], Texts(picture, "legend"));
        Assert.Equal(["0", "1"], Texts(picture, "tick")[^2..]);
        Assert.All(Paths(picture, "mean"), path => Assert.DoesNotContain("NaN", path, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("")]
    public void What_is_no_finite_number_is_passed_over(string value)
    {
        XElement picture = Draw($"1,64,1,0.5,{value},0.5,{value},1,0.001,4,1,1\n2,64,1,{value},{value},0.5,{value},1,0.001,4,1,1");

        Assert.Equal(["loss 0.500", "click 0.500"], Texts(picture, "legend"));
        Assert.Equal([1, 2], Paths(picture, "raw").Select(Dots));
    }

    [Theory]
    [InlineData("")]
    [InlineData(Header)]
    [InlineData(Header + "\n")]
    [InlineData(Header + "\n1,64,1")]
    [InlineData("step,seconds\n1,2\n")]
    public void A_log_without_steps_or_curves_says_so(string log)
    {
        _folder.Write("log.csv", log);
        CurvePlot.Write(_folder["log.csv"], _folder["curves.svg"]);

        Assert.Equal(["no steps yet"], Texts(XElement.Load(_folder["curves.svg"]), "note"));
    }

    [Fact]
    public void Many_steps_are_thinned_and_still_all_count()
    {
        const int Steps = 1_000_000;
        var lines = new StringBuilder("step,loss\n");
        for (int step = 1; step <= Steps; step++)
            lines.Append(CultureInfo.InvariantCulture, $"{step},{(step % 2 == 0 ? 1 : 3)}\n");
        _folder.Write("log.csv", lines.ToString());

        CurvePlot.Write(_folder["log.csv"], _folder["curves.svg"]);

        XElement picture = XElement.Load(_folder["curves.svg"]);
        Assert.Equal(1000, Dots(Assert.Single(Paths(picture, "raw"))));
        Assert.Equal(["loss 2.000"], Texts(picture, "legend"));
        Assert.Contains("1,000,000 steps; a dot is a step, 1000 of them shown, a line the mean of 50,001", Texts(picture, "note"));
        Assert.Equal(["0", "0.1M", "0.2M"], Texts(picture, "tick")[^11..^8]);
        Assert.InRange(new FileInfo(_folder["curves.svg"]).Length, 1, 60_000);
    }

    [Fact]
    public void Outliers_do_not_flatten_the_rest()
    {
        string lines = string.Join('\n', Enumerable.Range(1, 300).Select(
            step => $"{step},64,1,{(step == 150 ? "1000" : "0.5")},NaN,NaN,NaN,1,0.001,4,1,1"));

        double[] ticks = [.. Texts(Draw(lines), "tick")[..^7].Select(t => double.Parse(t, CultureInfo.InvariantCulture))];

        Assert.InRange(ticks.Max(), 0.5, 1);
    }

    [Fact]
    public void Bad_input_leaves_the_old_picture()
    {
        _folder.Write("curves.svg", "old");
        _folder.Write("log.csv", "a,b\n1,2\n");

        var e = Assert.Throws<DataFormatException>(() => CurvePlot.Write(_folder["log.csv"], _folder["curves.svg"]));
        Assert.Equal($"{_folder["log.csv"]}: not a log of steps: the first line names no column 'step'", e.Message);
        Assert.Throws<FileNotFoundException>(() => CurvePlot.Write(_folder["none.csv"], _folder["curves.svg"]));
        Assert.Equal("old", File.ReadAllText(_folder["curves.svg"]));
        Assert.Equal(["curves.svg", "log.csv"], _folder.Files);
    }

    [Fact]
    public void A_log_that_is_being_written_can_be_drawn()
    {
        using var log = new StepLog(_folder["log.csv"], 0);
        log.Add(new TrainingProgress(1, 10, new TrainingStage(64, 10, 1), 0.5, 0.5, 0.5, double.NaN, 1, 0.1, 4, 1));
        CurvePlot.Write(_folder["log.csv"], _folder["curves.svg"]);

        Assert.Contains("1 step; a dot is a step, a line the mean of 1", Texts(XElement.Load(_folder["curves.svg"]), "note"));
    }

    private XElement Draw(string lines)
    {
        _folder.Write("log.csv", $"{Header}\n{lines}\n");
        CurvePlot.Write(_folder["log.csv"], _folder["curves.svg"]);
        return XElement.Load(_folder["curves.svg"]);
    }

    /// <summary>A loss that falls from 1 to 0.5 and constant IoUs, the corrected one at every other step.</summary>
    private static string Lines(int steps, Func<int, int>? size = null)
        => string.Join('\n', Enumerable.Range(1, steps).Select(step => string.Create(
            CultureInfo.InvariantCulture,
            $"{step},{size?.Invoke(step) ?? 64},1,{0.5 + Math.Exp(-step / 40.0):G6},0.7,0.5,{(step % 2 == 0 ? "0.6" : "NaN")},1,0.001,4,1,1")));

    private static string[] Texts(XElement picture, string style)
        => [.. picture.Descendants().Where(t => t.Attribute("class")?.Value == style).Select(t => t.Value)];

    private static string[] Paths(XElement picture, string style)
        =>
        [
            .. picture.Descendants(Svg + "path")
                .Where(p => p.Attribute("class")!.Value.StartsWith(style, StringComparison.Ordinal))
                .Select(p => p.Attribute("d")!.Value),
        ];

    private static int Dots(string path) => path.Count(c => c == 'M');
}
