using System.Text.Json;
using PocketSam.Imaging;
using PocketSam.Models;

namespace PocketSam.Cli.Tests;

/// <summary>Results of a folder: what counts as done, what they are called, what is left alone and what is told.</summary>
public sealed class EverythingFolderTests : IDisposable
{
    private readonly Workplace _place = new();

    public EverythingFolderTests()
    {
        Directory.CreateDirectory(_place["p"]);
        ImageFile.Write(_place["p/a.png"], _place.Image);
    }

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("--format", "coco")]
    [InlineData("--format", "labelme")]
    [InlineData("--points-per-side", "3")]
    [InlineData("--mode", "dense")]
    [InlineData("--image-size", "64")]
    [InlineData("--format", "labelme", "--tolerance", "2")]
    public void Result_of_other_options_is_made_again(params string[] args)
    {
        Assert.Equal(["written"], Statuses());
        Assert.Equal(["present"], Statuses());

        Assert.Equal(["written"], Statuses(args));
        string made = File.ReadAllText(_place["o/a.json"]);
        Assert.Equal(["present"], Statuses(args));

        Run("p", [.. args, "--output", _place["fresh"]]).Succeeded();
        Assert.Equal(File.ReadAllText(_place["fresh/a.json"]), made);
    }

    [Fact]
    public void Result_of_another_model_or_picture_or_none_is_made_again()
    {
        Assert.Equal(["written"], Statuses());
        byte[] first = File.ReadAllBytes(_place["o/a.json"]);

        SamModel other = SamModel.Create(ModelZoo.Nano, seed: 2);
        Safetensors.Write(_place["other.safetensors"], other.State.ToStored(DataType.Float32), other.Metadata());
        Assert.Equal(["written"], Statuses("--model", _place["other.safetensors"]));
        Assert.NotEqual(first, File.ReadAllBytes(_place["o/a.json"]));

        Assert.Equal(["written"], Statuses());
        Assert.Equal(first, File.ReadAllBytes(_place["o/a.json"]));
        File.WriteAllBytes(_place["o/a.json"], []);
        Assert.Equal(["written"], Statuses());
        Assert.Equal(first, File.ReadAllBytes(_place["o/a.json"]));

        ImageFile.Write(_place["p/a.png"], new RgbImage(90, 60));
        Assert.Equal(["written"], Statuses());
        Assert.NotEqual(first, File.ReadAllBytes(_place["o/a.json"]));
    }

    [Fact]
    public void Overlay_that_is_missing_is_made()
    {
        Assert.Equal(["written"], Statuses());
        Assert.Equal(["written"], Statuses("--overlay", _place["v"]));
        Assert.True(File.Exists(_place["v/a.png.png"]));
        Assert.Equal(["present"], Statuses("--overlay", _place["v"]));
    }

    [Fact]
    public void What_somebody_else_wrote_is_told_and_left_alone()
    {
        Directory.CreateDirectory(_place["o"]);
        _place.Write("o/a.json", "mine"u8);

        Shell.Outcome outcome = Run("p", "--output", _place["o"]);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains(
            $"{_place["o/a.json"]}: was not written by this command, or was changed since; --overwrite replaces it", outcome.Error);
        Assert.Equal("mine", File.ReadAllText(_place["o/a.json"]));

        Assert.Equal(["written"], Statuses("--overwrite"));
        File.AppendAllText(_place["o/a.json"], " ");
        Assert.Equal(1, Run("p", "--output", _place["o"]).ExitCode);
    }

    [Fact]
    public void Log_that_was_cut_short_loses_a_line_and_no_more()
    {
        ImageFile.Write(_place["p/b.png"], new RgbImage(30, 20));
        Assert.Equal(["written", "written"], Statuses());
        string log = _place["o/.pocketsam.jsonl"], text = File.ReadAllText(log);
        File.WriteAllText(log, text[..^20]);

        // What is not in the log any more is nobody's, and is told.
        Assert.Equal(1, Run("p", "--output", _place["o"]).ExitCode);
        File.Delete(_place["o/b.json"]);
        Assert.Equal(["present", "written"], Statuses());
        Assert.Equal(["present", "present"], Statuses());
    }

    [Theory]
    [InlineData("yolo", "a.txt", "classes.txt")]
    [InlineData("labelme", "a.json")]
    [InlineData("coco", "a.json")]
    [InlineData("json", "a.json")]
    [InlineData("svg", "a.svg")]
    [InlineData("geojson", "a.geojson")]
    public void Results_are_called_as_readers_look_for_them(string format, params string[] names)
    {
        Statuses("--format", format);
        Assert.Equal(names, Files("o"));
        if (format == "yolo")
            Assert.Equal("object\n", File.ReadAllText(_place["o/classes.txt"]));
    }

    [Fact]
    public void Two_pictures_of_one_name_are_told()
    {
        ImageFile.Write(_place["p/a.jpg"], _place.Image);
        Run("p", "--output", _place["o"], "--format", "yolo").Failed(
            $"{_place["o/a.txt"]}: would be the result of {_place["p/a.jpg"]} and of {_place["p/a.png"]}");
        File.Move(_place["p/a.jpg"], _place["p/classes.jpg"]);
        Run("p", "--output", _place["o"], "--format", "yolo").Failed(
            $"{_place["o/classes.txt"]}: would be the result of all pictures and of {_place["p/classes.jpg"]}");
        Assert.DoesNotContain("o", _place.Files);
    }

    [Fact]
    public void A_file_beside_all_results_is_no_result_in_any_folder()
    {
        Directory.CreateDirectory(_place["p/sub"]);
        File.Move(_place["p/a.png"], _place["p/sub/classes.png"]);
        Run("p", "--output", _place["o"], "--format", "yolo", "--recursive").Failed(
            $"{_place["o/sub/classes.txt"]}: would be the result of all pictures and of {_place["p/sub/classes.png"]}");
    }

    [Fact]
    public void Name_of_a_merged_file_is_free_where_it_lies_elsewhere()
    {
        File.Move(_place["p/a.png"], _place["p/instances.png"]);
        Run("p", "--output", _place["all.json"], "--format", "coco", "--merge").Succeeded();
        Assert.Single(CocoDataset.Load(_place["all.json"], _place["p"]).Images);
        Shell.Outcome both = Run("p", "--output", _place["o"], "--format", "coco", "--merge");
        Assert.Equal($"pocketsam: {_place["o/instances.json"]}: cannot be written (two results would be in it){Environment.NewLine}", both.Error);
    }

    [Theory]
    [InlineData("json")]
    [InlineData("mask")]
    [InlineData("cutout")]
    public void Folder_of_the_pictures_may_be_that_of_the_results(string format)
    {
        string[] args = ["--recursive", "--format", format, "--output", _place["p"], "--overlay", _place["p"]];
        Run("p", args).Succeeded();
        string[] files = Files("p");
        Assert.Contains("a.png.png", files);

        for (int i = 0; i < 2; i++)
        {
            Shell.Outcome again = Run("p", args).Succeeded();
            Assert.Contains("written by an earlier run", again.Output);
            Assert.Contains("1 pictures were done already, 0 failed", again.Output);
            Assert.Equal(files, Files("p"));
        }

        // Also where the results go elsewhere.
        Assert.Contains(" of 1 pictures to ", Run("p", "--recursive", "--output", _place["elsewhere"]).Succeeded().Output);
    }

    [Fact]
    public void What_is_no_picture_is_counted_by_reason()
    {
        File.Copy(_place["p/a.png"], _place["p/b.jfif"]);
        File.Copy(_place["p/a.png"], _place["p/c.jpe"]);
        _place.Write("p/notes.txt", "text"u8);
        _place.Write("p/more.txt", "text"u8);
        _place.Write("p/d.heic", "no"u8);
        Directory.CreateDirectory(_place["p/sub"]);

        Shell.Outcome outcome = Run("p", "--output", _place["o"], "--json", _place["r.json"]).Succeeded();
        Assert.Contains("passed over: 2 not named as a picture (.txt)", outcome.Output);
        Assert.Contains("passed over: 1 not named as a picture (.heic)", outcome.Output);
        Assert.Contains("passed over: 1 folders, which --recursive looks into", outcome.Output);
        Assert.Contains(" of 3 pictures to ", outcome.Output);
        JsonElement passed = JsonDocument.Parse(File.ReadAllBytes(_place["r.json"])).RootElement.GetProperty("passed_over");
        Assert.Equal(2, passed.GetProperty("not named as a picture (.txt)").GetInt32());

        Shell.Outcome embedded = Shell.Run("embed", _place["p"], "--model", _place.Model, "--output", _place["e"]).Succeeded();
        Assert.Contains("passed over: 2 not named as a picture (.txt)", embedded.Output);
    }

    [Theory]
    [InlineData("all.json", "all.json")]
    [InlineData("all", "all/instances.json")]
    public void Pictures_are_merged_to_one_set(string output, string merged)
    {
        Directory.CreateDirectory(_place["p/sub"]);
        ImageFile.Write(_place["p/sub/a.png"], _place.Image);
        string[] args = ["--recursive", "--format", "coco", "--merge", "--output", _place[output]];

        Assert.Contains($"wrote {_place[merged]}", Run("p", args).Succeeded().Output);

        JsonElement set = JsonDocument.Parse(File.ReadAllBytes(_place[merged])).RootElement;
        string up = merged.Contains('/') ? "../p/" : "p/";
        Assert.Equal(
            [up + "a.png", up + "sub/a.png"],
            set.GetProperty("images").EnumerateArray().Select(image => image.GetProperty("file_name").GetString()));
        int[] ids = [.. set.GetProperty("annotations").EnumerateArray().Select(a => a.GetProperty("id").GetInt32())];
        Assert.True(ids.Length >= 2);
        Assert.Equal(ids.Length, ids.Distinct().Count());
        CocoDataset data = CocoDataset.Load(_place[merged]);
        Assert.All(data.Images, image => Assert.True(File.Exists(image.Path)));
        Assert.Equal(2, data.Images.Count(image => image.Annotations.Count * 2 == ids.Length));

        Assert.Contains("2 pictures were done already", Run("p", args).Succeeded().Output);
        Assert.Equal(set.ToString(), JsonDocument.Parse(File.ReadAllBytes(_place[merged])).RootElement.ToString());
        Run("p", "--format", "yolo", "--merge", "--output", _place["y"])
            .Failed("--merge needs --format coco; see 'pocketsam everything --help'", 2);
    }

    private string[] Statuses(params string[] args)
    {
        Shell.Outcome outcome = Run("p", [.. args, "--output", _place["o"], "--json", "-"]).Succeeded();
        return [.. JsonDocument.Parse(outcome.Output).RootElement.GetProperty("images").EnumerateArray()
            .Select(image => image.GetProperty("status").GetString()!)];
    }

    private Shell.Outcome Run(string input, params string[] args) => Shell.Run(
    [
        "everything", _place[input], "--pred-iou-thresh", "0", "--stability-score-thresh", "0",
        .. args.Contains("--points-per-side") ? (string[])[] : ["--points-per-side", "4"],
        .. args.Contains("--model") ? (string[])[] : ["--model", _place.Model], .. args,
    ]);

    private string[] Files(string folder) => [.. Directory.EnumerateFiles(_place[folder], "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(_place[folder], path).Replace('\\', '/'))
        .Where(name => !name.EndsWith(".pocketsam.jsonl", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
}
