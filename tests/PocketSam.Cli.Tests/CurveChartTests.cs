using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using PocketSam.Cli.Charts;
using PocketSam.Training.Optimization;

namespace PocketSam.Cli.Tests;

public sealed class CurveChartTests : IDisposable
{
    private const string Header =
        "step,size,batch,loss,box_iou,click_iou,corrected_iou,gradient_norm,learning_rate,prompts,seconds,pictures_per_second";

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pocketsam-");

    private string Picture => At("curves.svg");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Losses_IoUs_and_rate_become_panels()
    {
        XElement picture = Plot(Write("first", Lines(200)));

        Assert.Equal(
            ["loss \u25cfloss 0.508", "IoU \u25cfbox 0.700\u25cfclick 0.500\u25cfcorrected 0.600", "learning rate \u25cflearning rate 0.001"],
            Legends(picture));
        Assert.Equal("Training first", picture.Element(Svg + "title")!.Value);
        Assert.Contains("200 steps; numbers are those at the end", Texts(picture));
        Assert.Equal(3, picture.Elements(Svg + "svg").Count());

        // The values of the steps and their means, but of the rate, which has no means.
        Assert.Equal([2, 6, 2], picture.Elements(Svg + "svg").Select(panel => panel.Descendants(Svg + "polyline").Count(IsCurve)));
    }

    [Fact]
    public void Clip_paths_of_panels_do_not_get_mixed_up()
    {
        XElement picture = Plot(Write("first", Lines(200)));

        string[] names = [.. picture.Descendants(Svg + "clipPath").Select(clip => clip.Attribute("id")!.Value)];
        Assert.NotEmpty(names);
        Assert.Equal(names.Distinct(), names);
        foreach (XElement panel in picture.Elements(Svg + "svg"))
        {
            string[] own = [.. panel.Descendants(Svg + "clipPath").Select(clip => $"url(#{clip.Attribute("id")!.Value})")];
            Assert.All(panel.Descendants().Attributes("clip-path"), used => Assert.Contains(used.Value, own));
        }
    }

    [Fact]
    public void Validations_are_drawn_with_what_they_validate()
    {
        XElement picture = Plot(Write(
            "first", "step,loss,box_iou,val_box_iou,val_loss,val_cats\n1,3,0.5,,,\n2,2,0.6,0.55,1.5,0.1\n3,2,0.6,,,\n4,1,0.7,0.65,1.25,0.2"));

        Assert.Equal(
            [
                "loss \u25cfloss 1.000\u25cbloss, validation 1.250",
                "IoU \u25cfbox 0.700\u25cbbox, validation 0.650\u25cbcats, validation 0.200",
            ],
            Legends(picture));
        string[] colors = [.. picture.Descendants(Svg + "tspan").Where(t => t.Value is "\u25cf" or "\u25cb").Select(t => t.Attribute("fill")!.Value)];
        Assert.Equal(colors[2], colors[3]);
        Assert.NotEqual(colors[3], colors[4]);

        // Three validations of two values, each marked.
        Assert.Equal(6, picture.Elements(Svg + "svg").Sum(panel => panel.Descendants(Svg + "ellipse").Count()));
    }

    [Fact]
    public void Several_trainings_have_a_panel_a_column()
    {
        string first = Write("first", Lines(200)), second = Write("second", "step,loss,box_iou\n1,0.4,0.6\n2,0.4,0.8");
        XElement picture = Plot(first, Path.GetDirectoryName(second)!);

        Assert.Equal(
            [
                "loss \u25cffirst 0.508\u25cfsecond 0.400", "box IoU \u25cffirst 0.700\u25cfsecond 0.800",
                "click IoU \u25cffirst 0.500", "corrected IoU \u25cffirst 0.600", "learning rate \u25cffirst 0.001",
            ],
            Legends(picture));
        Assert.Equal("2 trainings", picture.Element(Svg + "title")!.Value);
    }

    [Fact]
    public void Trainings_of_one_name_are_told_apart_by_their_paths()
    {
        string first = Write("a/run", "step,loss\n1,0.5"), second = Write("b/run", "step,loss\n1,0.25");

        Assert.Equal([$"loss \u25cf{first} 0.500\u25cf{second} 0.250"], Legends(Plot(first, second)));
    }

    [Fact]
    public void Changes_of_the_input_size_are_marked()
    {
        string[] texts = Texts(Plot(Write("first", Lines(200, step => step <= 120 ? 128 : 256))));

        Assert.Equal(3, texts.Count(text => text == "128 px"));
        Assert.Equal(3, texts.Count(text => text == "256 px"));
    }

    [Fact]
    public void One_step_is_a_dot()
    {
        XElement picture = Plot(Write("first", $"{Header}\n1,64,1,0.5,0.25,NaN,NaN,1,0.001,4,1,1"));

        Assert.Equal(["loss \u25cfloss 0.500", "IoU \u25cfbox 0.250"], Legends(picture)[..2]);
        Assert.Equal(3, picture.Descendants(Svg + "ellipse").Count());
        Assert.DoesNotContain("NaN", picture.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("")]
    public void What_is_no_finite_number_is_passed_over(string value)
    {
        XElement picture = Plot(Write(
            "first", $"{Header}\n1,64,1,0.5,{value},0.5,{value},1,0.001,4,1,1\n2,64,1,{value},{value},0.5,{value},1,0.001,4,1,1"));

        Assert.Equal(["loss \u25cfloss 0.500", "IoU \u25cfclick 0.500"], Legends(picture)[..2]);
    }

    [Theory]
    [InlineData("", "not a log of steps: the first line names no column 'step'")]
    [InlineData("a,b\n1,2\n", "not a log of steps: the first line names no column 'step'")]
    [InlineData(Header, "has no steps to draw")]
    [InlineData(Header + "\n1,64,1", "has no steps to draw")]
    [InlineData("step,seconds\n1,2\n", "has no steps to draw")]
    public void A_log_without_curves_is_refused_and_leaves_the_old_picture(string log, string reason)
    {
        File.WriteAllText(Picture, "old");
        string path = Write("first", log);

        Shell.Run("plot", path, "--output", Picture).Failed($"{path}: {reason}");
        Assert.Equal("old", File.ReadAllText(Picture));
        Assert.Single(_folder.GetFiles());
    }

    [Fact]
    public void A_picture_that_is_no_svg_and_a_log_that_is_not_there_are_refused()
    {
        string log = Write("first", Lines(3));

        Shell.Run("plot", log, "--output", At("curves.png")).Failed($"{At("curves.png")}: cannot be written (name it .svg)");
        Assert.Equal(1, Shell.Run("plot", At("none.csv"), "--output", Picture).ExitCode);
        Assert.Equal(2, Shell.Run("plot", "--output", Picture).ExitCode);
        Assert.Empty(_folder.GetFiles());
    }

    [Fact]
    public void Json_has_the_last_values()
    {
        string log = Write("first", "step,loss,learning_rate,val_box_iou\n1,3,0.1,\n2,1,0.05,0.75");
        using JsonDocument json = JsonDocument.Parse(
            Shell.Run("plot", log, "--output", Picture, "--json", "-").Succeeded().Output);

        JsonElement drawn = json.RootElement.GetProperty("logs")[0];
        Assert.Equal(Picture, json.RootElement.GetProperty("output").GetString());
        Assert.Equal((log, 2), (drawn.GetProperty("path").GetString(), drawn.GetProperty("steps").GetInt64()));
        Assert.Equal(
            [("loss", 1.0), ("learning_rate", 0.05), ("val_box_iou", 0.75)],
            drawn.GetProperty("last").EnumerateObject().Select(p => (p.Name, p.Value.GetDouble())));
    }

    [Fact]
    public void Many_steps_are_thinned_and_still_all_count()
    {
        const int Steps = 1_000_000;
        var lines = new StringBuilder("step,loss\n");
        for (int step = 1; step <= Steps; step++)
            lines.Append(CultureInfo.InvariantCulture, $"{step},{(step % 2 == 0 ? 1 : 3)}\n");

        XElement picture = Plot(Write("first", lines.ToString()));

        Assert.Equal(["loss \u25cfloss 2.000"], Legends(picture));
        Assert.Contains("1,000,000 steps; numbers are those at the end", Texts(picture));
        Assert.InRange(new FileInfo(Picture).Length, 1, 60_000);
    }

    [Fact]
    public void Means_at_the_start_follow_a_loss_that_falls_fast()
    {
        var curve = new Curve("loss");
        for (int step = 1; step <= 400; step++)
            curve.Add(step, 100.0 / step);

        (long step0, double first) = curve.Line()[0];

        Assert.Equal(1, step0);
        Assert.Equal((100 + 50 + 100.0 / 3) / 3, first, 9);
        Assert.Equal(curve.Points().TakeLast(16).Average(p => p.Value), curve.Last, 9);
    }

    [Fact]
    public void Outliers_do_not_flatten_the_rest()
    {
        string lines = string.Join('\n', Enumerable.Range(1, 300).Select(step => $"{step},{(step == 150 ? "1000" : "0.5")}"));

        string[] texts = Texts(Plot(Write("first", $"step,loss\n{lines}")));

        Assert.Contains("0.5", texts);
        Assert.DoesNotContain("1000", texts);
    }

    [Fact]
    public void A_log_that_is_being_written_can_be_drawn()
    {
        Directory.CreateDirectory(At("first"));
        string path = Path.Combine(At("first"), "log.csv");
        using var log = new StepLog(path, 0);
        log.Add(new TrainingProgress(1, 10, new TrainingStage(64, 10, 1), 0.5, 0.5, 0.5, double.NaN, 1, 0.1, 4, 1));

        Assert.Equal("loss \u25cfloss 0.500", Legends(Plot(path))[0]);
    }

    private static bool IsCurve(XElement line) => line.Attribute("points")!.Value.Split(' ').Length > 50;

    private static string[] Texts(XElement picture) => [.. picture.Descendants(Svg + "text").Select(text => text.Value.Trim())];

    /// <summary>The line over each panel.</summary>
    private static string[] Legends(XElement picture)
        =>
        [
            .. picture.Elements(Svg + "text").Where(text => text.HasElements).Select(
                text => string.Concat(text.Elements().Select((part, i) => i == 0 ? $"{part.Value} " : part.Value))),
        ];

    /// <summary>A loss that falls from 1.5 to 0.5 and constant IoUs, the corrected one at every other step.</summary>
    private static string Lines(int steps, Func<int, int>? size = null)
        => $"{Header}\n" + string.Join('\n', Enumerable.Range(1, steps).Select(step => string.Create(
            CultureInfo.InvariantCulture,
            $"{step},{size?.Invoke(step) ?? 64},1,{0.5 + Math.Exp(-step / 40.0):G6},0.7,0.5,{(step % 2 == 0 ? "0.6" : "NaN")},1,0.001,4,1,1")));

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private string Write(string training, string log)
    {
        Directory.CreateDirectory(At(training));
        string path = Path.Combine(At(training), "log.csv");
        File.WriteAllText(path, log);
        return path;
    }

    private XElement Plot(params string[] logs)
    {
        Shell.Run(["plot", .. logs, "--output", Picture]).Succeeded();
        return XElement.Load(Picture);
    }
}
