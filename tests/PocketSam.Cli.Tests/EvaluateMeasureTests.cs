using System.Text.Json;
using PocketSam.Imaging;

namespace PocketSam.Cli.Tests;

/// <summary>The measures of the papers: tables, report, and what is refused.</summary>
public sealed class EvaluateMeasureTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("points-2", "mean IoU by the number of clicks")]
    [InlineData("noc-2", "actions to reach an IoU, at most 2")]
    [InlineData("coco-ap", "average precision, masks")]
    [InlineData("proposals", "average recall, masks", "--points-per-side", "3")]
    [InlineData("everything-miou", "hierarchical over dense", "--points-per-side", "4")]
    public void Each_measure_tells_its_tables_and_writes_a_report(string measure, string table, params string[] options)
    {
        string text = Shell.Run(
            [
                "evaluate", "--data", _place.Data, "--model", _place.Model, "--image-size", "64", "--protocol", measure, .. options,
                "--report", _place["report"], "--json", _place["r.json"],
            ]).Succeeded().Output;

        Assert.StartsWith($"{measure}, {_place.Model} on {_place.Data}: 1 pictures in ", text);
        Assert.Contains(table, text);
        Assert.EndsWith($"report: {Path.Combine(_place["report"], "report.html")}{Environment.NewLine}", text);
        byte[] json = File.ReadAllBytes(_place["r.json"]);
        Assert.Equal(json, File.ReadAllBytes(Path.Combine(_place["report"], "report.json")));
        JsonElement report = JsonDocument.Parse(json).RootElement;
        Assert.Equal(measure, report.GetProperty("measure").GetString());
        Assert.Contains(table, report.GetProperty("tables").EnumerateArray().Select(one => one.GetProperty("title").GetString()));

        string page = File.ReadAllText(Path.Combine(_place["report"], "report.html"));
        Assert.Contains(table, page);
        Assert.Contains("src=\"data:image/jpeg;base64,", page);
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotContain("://", page);
        Assert.Contains("--protocol " + measure, page);
    }

    [Theory]
    [InlineData("box,1-click")]
    [InlineData("2-click")]
    public void Prompts_have_a_page_too(string protocols)
    {
        Shell.Run(
            "evaluate", "--data", _place.Data, "--model", _place.Model, "--protocol", protocols, "--report", _place["report"]).Succeeded();
        string page = File.ReadAllText(Path.Combine(_place["report"], "report.html"));
        Assert.Contains("mean IoU", page);
        Assert.Contains("src=\"data:image/jpeg;base64,", page);
        Shell.Run(
            "evaluate", "--data", _place.Data, "--model", _place.Model, "--teacher", _place.Model, "--report", _place["other"]).Succeeded();
        Assert.Contains("of the masks ranked first", File.ReadAllText(Path.Combine(_place["other"], "report.html")));
    }

    [Fact]
    public void Saved_masks_are_counted_without_a_model()
    {
        Shell.Run(
            "evaluate", "--data", _place.Data, "--model", _place.Model, "--protocol", "coco-ap", "--save-results", _place["masks.json"],
            "--json", _place["a.json"]).Succeeded();
        string text = Shell.Run("evaluate", "--data", _place.Data, "--results", _place["masks.json"], "--json", _place["b.json"]).Succeeded().Output;

        Assert.StartsWith($"coco-ap on {_place.Data}: 1 pictures in ", text);
        Assert.Equal(Tables("a.json"), Tables("b.json"));

        string Tables(string name)
            => JsonDocument.Parse(File.ReadAllBytes(_place[name])).RootElement.GetProperty("tables").GetRawText();
    }

    [Fact]
    public void A_page_of_results_says_where_a_picture_cannot_be_read()
    {
        string results = _place.Write(
            "r.json", """[{"image_id":1,"category_id":1,"score":1,"bbox":[10,5,50,40]}]"""u8);
        File.Delete(_place.Photo);
        string text = Shell.Run("evaluate", "--data", _place.Data, "--results", results, "--iou", "boxes", "--report", _place["report"]).Succeeded().Output;
        Assert.Matches(@"AP\s+1\.0000\s+1\.0000\s+1\.0000\s+-\s+1\.0000\s+-", text);
        Assert.Contains("the picture cannot be read", File.ReadAllText(Path.Combine(_place["report"], "report.html")));
    }

    [Fact]
    public void Edges_that_are_what_people_marked_are_perfect()
    {
        Directory.CreateDirectory(_place["marked"]);
        Directory.CreateDirectory(_place["maps"]);
        var line = new BinaryMask(_place.Image.Width, _place.Image.Height);
        line.SetSpan(20, 10, 60);
        ImageFile.WriteMask(Path.Combine(_place["marked"], "photo_1.png"), line);
        ImageFile.WriteMask(Path.Combine(_place["maps"], "photo.png"), line);

        string text = Shell.Run(
            "evaluate", "--data", _place["marked"], "--images", _place.Folder, "--protocol", "edges", "--results", _place["maps"]).Succeeded().Output;
        Assert.Matches(@"all pictures\s+1\.0000  1\.0000", text);
        text = Shell.Run(
            "evaluate", "--data", _place["marked"], "--images", _place.Folder, "--protocol", "edges", "--model", _place.Model,
            "--image-size", "64", "--points-per-side", "3").Succeeded().Output;
        Assert.Contains("ODS", text);
    }

    [Theory]
    [InlineData("--protocol: 'points-21' is no measure; there are coco-ap, lvis-ap, proposals, everything-miou, edges, similar, points-1 to points-20, noc-1 to noc-20", "--protocol", "points-21")]
    [InlineData("--protocol: 'box,coco-ap': a measure (coco-ap, lvis-ap, proposals, everything-miou, edges, similar, points-1 to points-20, noc-1 to noc-20) stands alone", "--protocol", "box,coco-ap")]
    [InlineData("--max-detections: '10,1,100' is not three ascending numbers from 1 to 100000, as in 1,10,100", "--protocol", "coco-ap", "--max-detections", "10,1,100")]
    [InlineData("--mask-choice: 'all' is neither best nor first", "--protocol", "coco-ap", "--mask-choice", "all")]
    [InlineData("--refine says nothing to this protocol", "--protocol", "points-3", "--refine")]
    [InlineData("--seed says nothing to this protocol", "--protocol", "box", "--seed", "1")]
    [InlineData("--first-point says nothing to this protocol", "--protocol", "noc-20", "--first-point", "center")]
    [InlineData("--no-categories says nothing to this protocol", "--protocol", "lvis-ap", "--no-categories")]
    [InlineData("--mask-choice is for a model's masks: leave out --results", "--results", "r.json", "--mask-choice", "best")]
    [InlineData("--everything says nothing to this protocol", "--protocol", "points-1", "--everything")]
    public void Options_that_cannot_be_meant_are_refused(string message, params string[] options)
    {
        Shell.Run(["evaluate", "--data", _place.Data, "--model", _place.Model, .. options])
            .Failed($"{message}; see 'pocketsam evaluate --help'", exitCode: 2);
        Assert.Equal(_place.Start, _place.Files);
    }

    [Fact]
    public void Files_that_cannot_be_used_are_told_in_one_line()
    {
        string broken = _place.Write("r.json", """[{"image_id":7,"category_id":1,"score":1,"bbox":[0,0,1,1]}]"""u8);
        Evaluate("--results", broken).Failed($"{broken}: results[0]: image 7 is not listed in {_place.Data}");
        Evaluate("--results", _place["none.json"]).Failed($"{_place["none.json"]}: there is no such file");
        Evaluate("--protocol", "coco-ap", "--boxes", _place.Photo).Failed(
            $"{_place.Photo}: not COCO results JSON, a list of entries with image_id, category_id, score: '0x89' is an invalid start of a value. LineNumber: 0 | BytePositionInLine: 0.");
        Evaluate("--protocol", "edges").Failed($"{_place.Data}: no folder of marked boundaries");
        Evaluate("--protocol", "points-1", "--report", _place.Photo).Failed(
            $"{_place.Photo}: cannot be written (a file, where a folder is needed)");
        Evaluate("--protocol", "coco-ap", "--save-results", _place["x.txt"]).Failed($"{_place["x.txt"]}: cannot be written (name it .json)");
        Evaluate("--protocol", "coco-ap", "--boxes", broken, "--save-results", broken).Failed($"{broken}: cannot be written (it is the input)");
        Assert.Equal([.. _place.Start, "r.json"], _place.Files);

        Shell.Outcome Evaluate(params string[] options) => Shell.Run(["evaluate", "--data", _place.Data, "--model", _place.Model, .. options]);
    }
}
