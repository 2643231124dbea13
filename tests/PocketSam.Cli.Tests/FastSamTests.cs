using System.Text.Json;
using System.Text.RegularExpressions;
using PocketSam.Imaging;
using PocketSam.Tests;

namespace PocketSam.Cli.Tests;

/// <summary>The verbs with a file of FastSAM: the pickled module of the golden files, of made-up weights.</summary>
public sealed class FastSamTests : IDisposable
{
    private static readonly string[] Small = ["--image-size", "128"];

    private readonly Workplace _place = new();
    private readonly string _model = GoldenFiles.Require("fastsam/tiny_2023.pt");

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Everything_gives_the_masks_of_the_library()
    {
        FastSamResult expected = FastSam.Load(_model).Segment(
            _place.Image, new FastSamOptions { ImageSize = 128, Confidence = 0.3f, BoxNmsThresh = 0.7f, MaskRule = MaskRule.Current },
            cancellation: TestContext.Current.CancellationToken);
        Assert.NotEmpty(expected.Masks);
        string text = Shell.Run(
            [
                "everything", _place.Photo, "--model", _model, .. Small, "--pred-iou-thresh", "0.3", "--box-nms-thresh", "0.7",
                "--mask-rule", "current", "--json", _place["r.json"], "--overlay", _place["o.png"],
            ]).Succeeded().Output;
        Assert.Contains($"{expected.Masks.Count} masks in ", text);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllBytes(_place["r.json"]));
        Assert.Equal(
            expected.Masks.Select(mask => mask.Area),
            report.RootElement.GetProperty("annotations").EnumerateArray().Select(a => a.GetProperty("area").GetInt32()));
        Assert.Equal((90, 60), ImageFile.ReadSize(_place["o.png"]));
    }

    [Fact]
    public void A_folder_is_done_once()
    {
        Directory.CreateDirectory(_place["photos"]);
        File.Copy(_place.Photo, _place["photos/a.png"]);
        string[] line = ["everything", _place["photos"], "--model", _model, .. Small, "--format", "coco", "--output", _place["masks"]];
        Assert.Contains("of 1 pictures", Shell.Run(line).Succeeded().Output);
        Assert.Contains("1 pictures were done already", Shell.Run(line).Succeeded().Output);
        Assert.Contains("0 pictures were done already", Shell.Run([.. line, "--mask-rule", "probability"]).Succeeded().Output);
    }

    [Fact]
    public void Nothing_found_comes_with_the_reason()
        => Assert.Contains(
            "nothing found: 0 masks above confidence 1,",
            Shell.Run(["everything", _place.Photo, "--model", _model, .. Small, "--pred-iou-thresh", "1", "--overlay", _place["o.png"]])
                .Succeeded().Output);

    [Fact]
    public void Segment_selects_and_says_where_nothing_fits()
    {
        FastSamResult all = FastSam.Load(_model).Segment(
            _place.Image, new FastSamOptions { ImageSize = 128 }, cancellation: TestContext.Current.CancellationToken);
        GeneratedMask wanted = all.Select(Prompt.Box(0, 0, 60, 50))!;
        string text = Shell.Run(
            [
                "segment", _place.Photo, "--model", _model, .. Small, "--box", "0,0,60,50", "--object", "--box", "0,0,60,50", "--point", "1,1,1",
                "--point", "1,1,0", "--output", _place["m.png"], "--json", _place["r.json"],
            ]).Succeeded().Output;
        Assert.Contains($"object 1: {wanted.Area} pixels", text);
        Assert.Contains($"object 2: none of the {all.Masks.Count} masks that were found fits; its mask is empty", text);
        Assert.Equal(wanted.Area, ImageFile.ReadMask(_place["m-1.png"]).Area);
        Assert.Equal(0, ImageFile.ReadMask(_place["m-2.png"]).Area);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllBytes(_place["r.json"]));
        Assert.Equal([0, -1], report.RootElement.GetProperty("objects").EnumerateArray().Select(o => o.GetProperty("best").GetInt32()));
        Assert.Equal("YOLOv8-seg of one class", report.RootElement.GetProperty("model").GetProperty("architecture").GetString());
    }

    [Fact]
    public void Shares_of_an_evaluation_are_merged_to_that_of_one_process()
    {
        string[] line = ["evaluate", "--data", _place.Data, "--model", _model, .. Small, "--everything"];
        string whole = Shell.Run([.. line, "--json", _place["whole.json"]]).Succeeded().Output;
        for (int i = 1; i <= 2; i++)
            Shell.Run([.. line, "--shard", $"{i}/2", "--parts", _place["parts"]]).Succeeded();
        string merged = Shell.Run("merge", _place["parts"], "--json", _place["merged.json"]).Succeeded().Output;

        Assert.Equal(Untimed(File.ReadAllText(_place["whole.json"])), Untimed(File.ReadAllText(_place["merged.json"])));
        Assert.Equal(Untimed(whole), Untimed(merged));

        static string Untimed(string text) => Regex.Replace(text, @"(?<=""seconds_per_picture"": )[\d.E-]+|[\d.]+(?= s a picture)", "");
    }

    [Fact]
    public void Evaluate_measures_selection_and_everything()
    {
        string text = Shell.Run(
            ["evaluate", "--data", _place.Data, "--model", _model, .. Small, "--everything", "--json", _place["r.json"]]).Succeeded().Output;
        foreach (string row in (string[])["box ", "1-click ", "1-click-smallest ", "1-click-union ", "3-click ", "everything, fastsam:"])
            Assert.Contains(row, text);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllBytes(_place["r.json"]));
        double best = report.RootElement.GetProperty("everything").GetProperty("fastsam").GetProperty("mean_iou").GetDouble();
        Assert.InRange(report.RootElement.GetProperty("protocols").GetProperty("box").GetProperty("mean_iou").GetDouble(), 0, best);
    }

    [Fact]
    public void Info_tells_what_it_is_and_its_licence()
    {
        string text = Shell.Run("info", _model).Succeeded().Output;
        foreach (string line in (string[])["architecture  YOLOv8-seg of one class", "parameters    173,067", "state dict    under model", "licence       AGPL-3.0"])
            Assert.Contains(line, text);
    }

    [Fact]
    public void Bad_input_gets_a_line()
    {
        Shell.Run("everything", _place.Photo, "--model", _model, "--mode", "dense")
            .Failed("--mode is not for FastSAM; see 'pocketsam everything --help'", exitCode: 2);
        Shell.Run("segment", _place.Photo, "--model", _model, "--point", "1,1", "--logits", _place["l.safetensors"])
            .Failed("--logits is not for FastSAM; see 'pocketsam segment --help'", exitCode: 2);
        Shell.Run("segment", _place.Photo, "--model", _model, "--point", "500,1").Failed("point 500,1: outside the picture of 90x60");
        Shell.Run("segment", _place.Photo, "--model", _model, "--point", "1,1,0")
            .Failed("FastSAM selects by a box or by points on the object: give at least one");
        Shell.Run("evaluate", "--data", _place.Data, "--model", _model, "--teacher", _place.Model)
            .Failed("--teacher is not for FastSAM; see 'pocketsam evaluate --help'", exitCode: 2);
        Shell.Run("everything", _place.Photo, "--model", _place.Model, "--mask-rule", "current")
            .Failed("--mask-rule is not for this model, which is not FastSAM; see 'pocketsam everything --help'", exitCode: 2);
        Shell.Run("embed", _place.Photo, "--model", _model, "--output", _place["e.safetensors"]).Failed(
            $"{_model}: a FastSAM (YOLOv8-seg), which finds all masks at once and has no embeddings: "
            + "FastSam.Load reads it, and 'everything', 'segment', 'evaluate' and 'info' take it");
        Assert.Equal(_place.Start, _place.Files);
    }
}
