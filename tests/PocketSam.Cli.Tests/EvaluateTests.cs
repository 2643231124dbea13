using System.Text.Json;
using PocketSam.Imaging;
using PocketSam.Training.Evaluation;

namespace PocketSam.Cli.Tests;

public sealed class EvaluateTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Report_is_that_of_the_evaluator()
    {
        Shell.Run(
            "evaluate", "--data", _place.Data, "--model", _place.Model, "--protocol", "1-click,box", "--json",
            _place["r.json"]).Succeeded();

        JsonElement report = JsonDocument.Parse(File.ReadAllBytes(_place["r.json"])).RootElement;
        EvaluationReport expected = new Evaluator(
            Sam.Load(_place.Model), path => ImageFile.Read(path),
            new EvaluationOptions { Protocols = EvaluationProtocol.ParseList("1-click,box") })
            .Run(CocoDataset.Load(_place.Data));
        JsonElement click = report.GetProperty("protocols").GetProperty("1-click");
        Assert.Equal(expected.Protocols["1-click"].MeanIou, click.GetProperty("mean_iou").GetDouble());
        Assert.Equal(expected.Protocols["1-click"].OracleMeanIou, click.GetProperty("oracle_mean_iou").GetDouble());
        JsonElement box = report.GetProperty("protocols").GetProperty("box");
        Assert.Equal(expected.Protocols["box"].MeanIou, box.GetProperty("mean_iou").GetDouble());
        Assert.Equal((1, 1), (report.GetProperty("images").GetInt32(), report.GetProperty("masks").GetInt32()));
        Assert.Equal(_place.Model, report.GetProperty("model").GetString());
        Assert.Equal(_place.Data, report.GetProperty("data").GetString());
    }

    [Fact]
    public void Results_are_told_to_people_too()
    {
        string text = Shell.Run("evaluate", "--data", _place.Data, "--model", _place.Model).Succeeded().Output;

        string[] lines = text.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal($"{_place.Model} on {_place.Data}: 1 masks in 1 pictures", lines[0]);
        Assert.Matches(@"^box           mean IoU 0\.\d{4}, accepted 0\.\d{3}$", lines[1]);
        Assert.Matches(@"^1-click       mean IoU 0\.\d{4}, accepted 0\.\d{3}, best of those offered 0\.\d{4}$", lines[2]);
        Assert.Matches(@"^1-click-multi mean IoU 0\.\d{4}, accepted 0\.\d{3}, best of those offered 0\.\d{4}$", lines[3]);
        Assert.Matches(@"^3-click       mean IoU 0\.\d{4}, accepted 0\.\d{3}$", lines[4]);
    }

    [Fact]
    public void Each_object_is_looked_at_closer_where_asked_for()
    {
        var mask = new BinaryMask(90, 60);
        mask.Fill(new PixelBox(20, 10, 36, 36));
        CocoWriter.Write(_place["small.json"], [new AnnotatedPicture("photo.png", 90, 60, [new Annotation(mask)])]);
        string[] arguments = ["evaluate", "--data", _place["small.json"], "--model", _place.Model, "--zoom"];
        string text = Shell.Run([.. arguments, "--json", _place["r.json"], "--report", _place["report"]]).Succeeded().Output;
        Assert.StartsWith($"{_place.Model} on {_place["small.json"]}: 1 masks in 1 pictures, each looked at closer", text, StringComparison.Ordinal);
        Assert.Contains("each object was looked at closer", File.ReadAllText(_place["report/report.html"]), StringComparison.Ordinal);

        JsonElement report = JsonDocument.Parse(File.ReadAllBytes(_place["r.json"])).RootElement;
        Assert.True(report.GetProperty("zoom").GetBoolean());
        var sam = Sam.Load(_place.Model);
        using ImageEmbedding photo = sam.Encode(_place.Image);
        Assert.Equal(
            sam.PredictZoomed(_place.Image, photo, Prompt.Box(20, 10, 56, 46), multimask: false).Best.Bits.Iou(mask),
            report.GetProperty("protocols").GetProperty("box").GetProperty("mean_iou").GetDouble());

        Shell.Run([.. arguments, "--shard", "1/1", "--parts", _place["parts"]]).Succeeded();
        Assert.StartsWith(text.Split(Environment.NewLine)[0], Shell.Run("merge", _place["parts"]).Succeeded().Output, StringComparison.Ordinal);
        foreach (string[] other in (string[][])[["--protocol", "noc-20"], ["--teacher", _place.Model], ["--protocol", "words"]])
        {
            Shell.Run([.. arguments, .. other]).Failed(
                "--zoom looks closer at boxes and clicks that are compared with true masks: it goes with no other measure, --teacher or FastSAM"
                + "; see 'pocketsam evaluate --help'", 2);
        }
    }

    [Fact]
    public void A_student_is_compared_with_its_teacher()
    {
        string text = Shell.Run(
            "evaluate", "--data", _place.Data, "--model", _place.Model, "--teacher", _place.Model, "--image-size", "64",
            "--teacher-image-size", "128", "--json", _place["r.json"]).Succeeded().Output;

        AgreementReport expected = new AgreementEvaluator(
            Sam.Load(_place.Model), Sam.Load(_place.Model), path => ImageFile.Read(path),
            new AgreementOptions { ImageSize = 64, TeacherImageSize = 128 })
            .Run(CocoDataset.Load(_place.Data));
        using var json = new MemoryStream();
        expected.WriteJson(json);
        Assert.Equal(json.ToArray(), File.ReadAllBytes(_place["r.json"]));

        string[] lines = text.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal($"{_place.Model} against {_place.Model} on {_place.Data}: 1 masks in 1 pictures", lines[0]);
        Assert.Equal("protocol      mean_iou first_ranked_mean_iou  masks left_out", lines[1]);
        Assert.Matches(@"^box             0\.\d{4}                     -      1        0$", lines[2]);
        Assert.Matches(@"^1-click         0\.\d{4}                0\.\d{4}      1        0$", lines[3]);
        Assert.Equal(2 + AgreementProtocol.All.Count, lines.Length);
    }

    [Fact]
    public void A_teacher_that_is_not_there_is_named()
    {
        Shell.Run("evaluate", "--data", _place.Data, "--model", _place.Model, "--teacher", _place["none.pt"]).Failed(
            Shell.Run("info", _place["none.pt"]).Error.Trim()["pocketsam: ".Length..]);
        Assert.Equal(_place.Start, _place.Files);
    }
}
