using System.Diagnostics;
using System.Text.Json;
using System.Xml.Linq;
using PocketSam.Imaging;

namespace PocketSam.Cli.Tests;

public sealed class EverythingTests : IDisposable
{
    /// <summary>A made-up model is sure of nothing.</summary>
    private static readonly string[] KeepAll
        = ["--pred-iou-thresh", "0", "--stability-score-thresh", "0", "--points-per-side", "4"];

    private static readonly MaskGeneratorOptions KeepAllOptions
        = new() { PredIouThresh = 0, StabilityScoreThresh = 0, PointsPerSide = 4 };

    private readonly Workplace _place = new();

    public EverythingTests()
    {
        Directory.CreateDirectory(_place["photos/more"]);
        ImageFile.Write(_place["photos/a.png"], _place.Image);
        ImageFile.Write(_place["photos/b.jpg"], Noise(40, 50, 2));
        ImageFile.Write(_place["photos/more/c.PNG"], Noise(33, 21, 3));
        _place.Write("photos/notes.txt", "no picture"u8);
    }

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("o.jpe")]
    [InlineData("o.jfif")]
    [InlineData("o.webp")]
    public void Overlay_is_any_picture_that_is_written(string name)
    {
        Everything(_place.Photo, "--overlay", _place[name]).Succeeded();
        Assert.Equal((_place.Image.Width, _place.Image.Height), ImageFile.ReadSize(_place[name]));
    }

    [Fact]
    public void Nothing_found_comes_with_the_reason()
    {
        string text = Shell.Run(
            "everything", _place.Photo, "--model", _place.Model, "--mode", "dense", "--points-per-side", "4",
            "--pred-iou-thresh", "1", "--stability-score-thresh", "0", "--overlay", _place["o.png"]).Succeeded().Output;
        Assert.Contains("nothing found: of 48 candidates 48 are below predicted IoU 1, 0 below stability 0, ", text);
    }

    [Theory]
    [InlineData(MaskGeneratorMode.Hierarchical)]
    [InlineData(MaskGeneratorMode.Dense)]
    [InlineData(MaskGeneratorMode.Hierarchical, "--crop-layers", "1")]
    [InlineData(MaskGeneratorMode.Dense, "--crop-layers", "1", "--min-area", "30")]
    [InlineData(MaskGeneratorMode.Dense, "--min-area", "50", "--box-nms-thresh", "0.5")]
    public void Masks_are_those_of_the_library(MaskGeneratorMode mode, params string[] args)
    {
        MaskGeneratorOptions options = KeepAllOptions with
        {
            Mode = mode,
            CropLayers = args.Contains("--crop-layers") ? 1 : 0,
            MinMaskRegionArea = Array.IndexOf(args, "--min-area") is >= 0 and var i ? int.Parse(args[i + 1], null) : 0,
            BoxNmsThresh = args.Contains("--box-nms-thresh") ? 0.5f : 0.7f,
        };
        JsonElement[] records = Records(Json(
            _place.Photo, [.. mode == MaskGeneratorMode.Dense ? (string[])["--mode", "dense"] : [], .. args]));

        IReadOnlyList<GeneratedMask> expected
            = new MaskGenerator(Sam.Load(_place.Model), options).Generate(_place.Image);
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Count, records.Length);
        for (int m = 0; m < records.Length; m++)
        {
            AssertRecord(records[m], 90, 60);
            Assert.Equal(
                expected[m].Segmentation.ToCompressed(),
                records[m].GetProperty("segmentation").GetProperty("counts").GetString());
            Assert.Equal(expected[m].PredictedIou, records[m].GetProperty("predicted_iou").GetSingle());
            Assert.Equal(expected[m].StabilityScore, records[m].GetProperty("stability_score").GetSingle());
            PixelBox crop = expected[m].CropBox;
            Assert.Equal(
                $"[{crop.X},{crop.Y},{crop.Width},{crop.Height}]", Compact(records[m].GetProperty("crop_box")));
        }
    }

    [Fact]
    public void Crops_show_in_the_masks_of_crops()
    {
        // Small enough that no edge of a crop is far from one of the picture.
        JsonElement[] records = Records(Json(_place["photos/more/c.PNG"], "--crop-layers", "1", "--box-nms-thresh", "1"));

        Assert.Contains(records, record => Compact(record.GetProperty("crop_box")) != "[0,0,33,21]");
    }

    [Fact]
    public void Min_area_leaves_no_smaller_island()
    {
        foreach (JsonElement record in Records(Json(_place.Photo, "--min-area", "40")))
        {
            BinaryMask mask = MaskOf(record);
            int area = mask.Area;
            int first = FirstIsland(mask);
            Assert.True(first == area || first >= 40, $"an island of {first} pixels in a mask of {area}");
        }
    }

    [Fact]
    public void Json_goes_to_a_file_or_to_standard_output()
    {
        Shell.Outcome printed = Everything(_place.Photo, "--json", "-").Succeeded();
        Shell.Outcome written = Everything(_place.Photo, "--json", _place["r.json"]).Succeeded();

        JsonElement document = JsonDocument.Parse(printed.Output).RootElement;
        Assert.Equal(["image", "annotations"], document.EnumerateObject().Select(property => property.Name));
        string photo = JsonSerializer.Serialize(_place.Photo);
        Assert.Equal($$"""{"path":{{photo}},"width":90,"height":60}""", Compact(document.GetProperty("image")));
        Assert.NotEmpty(Records(document));
        Assert.Equal(printed.Output.TrimEnd(), File.ReadAllText(_place["r.json"]).TrimEnd());
        Assert.Matches(@"^\d+ masks in \d+\.\d\d s\r?\n$", written.Output);
        Assert.Equal(["r.json"], Added());
    }

    [Fact]
    public void Overlay_is_drawn_over_the_picture()
    {
        Shell.Outcome outcome = Everything(_place.Photo, "--overlay", _place["o.png"]).Succeeded();

        Assert.EndsWith($"wrote {_place["o.png"]}{Environment.NewLine}", outcome.Output);
        AssertOverlay("o.png", _place.Image);
        Assert.Equal(["o.png"], Added());
    }

    [Fact]
    public void Overlay_is_written_to_the_current_directory_where_nothing_is_asked_for()
    {
        string before = Environment.CurrentDirectory;
        try
        {
            Environment.CurrentDirectory = _place.Folder;
            Assert.EndsWith(
                $"wrote photo.everything.png{Environment.NewLine}", Everything(_place.Photo).Succeeded().Output);
            File.Delete("photo.everything.png");
            Directory.CreateDirectory("photo.everything.png");
            Everything(_place.Photo).Failed("photo.everything.png: cannot be written (it is a folder)");
            Directory.Delete("photo.everything.png");
            Everything(_place.Photo, "--output", "m.json").Succeeded();
            Assert.Equal(["m.json"], Added());
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    [Theory]
    [InlineData("json", "m.json")]
    [InlineData("coco", "m.json")]
    [InlineData("yolo", "m.txt")]
    [InlineData("labelme", "m.json")]
    [InlineData("svg", "m.svg")]
    [InlineData("geojson", "m.geojson")]
    public void Output_is_a_file(string format, string name)
    {
        int masks = Records(Json(_place.Photo)).Length;
        Shell.Outcome outcome = Everything(
            _place.Photo, "--format", format, "--output", _place[name], "--tolerance", "0").Succeeded();

        Assert.EndsWith($"wrote {_place[name]}{Environment.NewLine}", outcome.Output);
        Assert.Equal(format == "yolo" ? ["classes.txt", name] : [name], Added());
        string text = File.ReadAllText(_place[name]);
        switch (format)
        {
            case "json":
                Assert.Equal(masks, Records(JsonDocument.Parse(text).RootElement).Length);
                break;
            case "coco":
                Assert.Equal(masks, JsonDocument.Parse(text).RootElement.GetProperty("annotations").GetArrayLength());
                Assert.Equal(_place.Photo, Path.GetFullPath(Assert.Single(CocoDataset.Load(_place[name]).Images).Path));
                break;
            case "labelme":
                Assert.NotEqual(0, JsonDocument.Parse(text).RootElement.GetProperty("shapes").GetArrayLength());
                break;
            case "geojson":
                Assert.Equal(masks, JsonDocument.Parse(text).RootElement.GetProperty("features").GetArrayLength());
                break;
            case "svg":
                Assert.Equal("svg", XDocument.Parse(text).Root!.Name.LocalName);
                break;
            default:
                Assert.NotEmpty(text);
                break;
        }

        // A file that is there is replaced.
        _place.Write(name, "old"u8);
        Everything(_place.Photo, "--format", format, "--output", _place[name], "--tolerance", "0").Succeeded();
        Assert.Equal(text, File.ReadAllText(_place[name]));
    }

    [Theory]
    [InlineData("mask")]
    [InlineData("cutout")]
    public void Output_is_a_folder(string format)
    {
        JsonElement[] records = Records(Json(_place.Photo));
        string folder = _place["m"];
        Everything(_place.Photo, "--format", format, "--output", folder + Path.DirectorySeparatorChar).Succeeded();

        Assert.Equal(["m"], Added());
        Assert.Equal(records.Select((_, i) => $"photo-{format}-{i:d4}.png"), Files("m"));
        RgbImage first = ImageFile.Read(_place[$"m/photo-{format}-0000.png"]);
        Assert.Equal(
            format == "mask" ? "[60,90]" : Compact(records[0].GetProperty("bbox")),
            format == "mask" ? $"[{first.Height},{first.Width}]"
                : $"[{records[0].GetProperty("bbox")[0]},{records[0].GetProperty("bbox")[1]},{first.Width},{first.Height}]");
        if (format == "mask")
            Assert.True(ImageFile.ReadMask(_place["m/photo-mask-0000.png"]).ContentEquals(MaskOf(records[0])));

        Everything(_place.Photo, "--format", format, "--output", folder)
            .Failed($"{folder}: cannot be written (it is there already, and pictures get a new folder)");
        Everything(_place.Photo, "--format", format, "--output", _place["no/m"])
            .Failed($"{_place["no/m"]}: cannot be written (there is no folder {_place["no"]})");
        Assert.Equal(records.Length, Files("m").Length);
    }

    [Fact]
    public void Folder_becomes_a_folder_and_what_is_done_is_left_alone()
    {
        JsonElement first = Report(_place["photos"], "--overlay", _place["drawn"]);
        Assert.Equal(["written", "written"], Statuses(first));
        Assert.Equal(["a.json", "b.json"], Files("out"));
        Assert.Equal(["a.png.png", "b.jpg.png"], Files("drawn"));
        AssertOverlay("drawn/a.png.png", _place.Image);
        Assert.Equal(
            ["model", "written", "present", "failed", "masks", "seconds", "images", "passed_over"],
            first.EnumerateObject().Select(property => property.Name));
        JsonElement[] images = [.. first.GetProperty("images").EnumerateArray()];
        Assert.Equal(first.GetProperty("masks").GetInt32(), images.Sum(image => image.GetProperty("masks").GetInt32()));
        Assert.Equal(_place["out/a.json"], images[0].GetProperty("result").GetString());
        JsonElement alone = Json(_place["photos/a.png"]);
        Assert.Equal(Compact(alone), Compact(JsonDocument.Parse(File.ReadAllBytes(_place["out/a.json"])).RootElement));
        Assert.Equal(images[0].GetProperty("masks").GetInt32(), Records(alone).Length);

        JsonElement second = Report(_place["photos"], "--recursive");
        Assert.Equal(["present", "present", "written"], Statuses(second));
        Assert.Equal(["a.json", "b.json", "more/c.json"], Files("out"));

        Shell.Outcome third = Everything(
            _place["photos"], "--recursive", "--output", _place["out"], "--overwrite", "--overlay", _place["drawn"]).Succeeded();
        Assert.Matches(@"^passed over: 1 not named as a picture \(\.txt\)\r?\n\d+ masks of 3 pictures to .* in \d+\.\d s; 0 pictures were done already, 0 failed\r?\n$", third.Output);
        Assert.Equal(Compact(alone), Compact(JsonDocument.Parse(File.ReadAllBytes(_place["out/a.json"])).RootElement));
        Assert.Equal(["a.png.png", "b.jpg.png", "more/c.PNG.png"], Files("drawn"));
    }

    [Fact]
    public void Folders_of_results_are_replaced_whole()
    {
        string[] args = ["--format", "mask"];
        Assert.Equal(["written", "written"], Statuses(Report(_place["photos"], args)));
        string[] files = Files("out");
        Assert.Contains("a/a-mask-0000.png", files);
        Assert.Equal(["present", "present"], Statuses(Report(_place["photos"], args)));
        _place.Write("out/a/old.png", "old"u8);

        Shell.Outcome changed = Everything(_place["photos"], [.. args, "--output", _place["out"]]);
        Assert.Equal(1, changed.ExitCode);
        Assert.Contains($"{_place["out/a"]}: was not written by this command, or was changed since", changed.Error);
        Assert.Contains("a/old.png", Files("out"));
        Assert.Equal(["written", "written"], Statuses(Report(_place["photos"], [.. args, "--overwrite"])));
        Assert.Equal(files, Files("out"));
    }

    [Fact]
    public void Pictures_of_a_data_set_are_found()
    {
        Assert.Equal(["written"], Statuses(Report(_place.Data)));
        Assert.Equal(["photo.json"], Files("out"));
    }

    [Fact]
    public void Broken_picture_is_named_and_the_others_are_done()
    {
        string broken = _place.Write("photos/aa.jpg", "hello"u8);

        Shell.Outcome outcome = Everything(
            _place["photos"], "--output", _place["out"], "--overlay", _place["out"], "--json", _place["r.json"]);

        string reason = $"{broken}: not a JPEG, PNG, WebP, TIFF, GIF, BMP or ICO picture";
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal($"pocketsam: 1 of 3 pictures failed: {reason}{Environment.NewLine}", outcome.Error);
        Assert.Contains($"failed: {reason}{Environment.NewLine}", outcome.Output);
        Assert.EndsWith($"; 0 pictures were done already, 1 failed{Environment.NewLine}", outcome.Output);
        Assert.Equal(["a.json", "a.png.png", "b.jpg.png", "b.json"], Files("out"));
        JsonElement report = JsonDocument.Parse(File.ReadAllBytes(_place["r.json"])).RootElement;
        Assert.Equal(["written", "failed", "written"], Statuses(report));
        Assert.Equal(reason, report.GetProperty("images")[1].GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("json", false)]
    [InlineData("mask", false)]
    [InlineData("mask", true)]
    public void What_is_finished_stays_when_it_is_cancelled(string format, bool again)
    {
        const int Count = 60;
        Directory.CreateDirectory(_place["many"]);
        for (int i = 0; i < Count; i++)
            ImageFile.Write(_place[$"many/{i:d2}.png"], Noise(64, 48, i));
        Directory.CreateDirectory(_place["out"]);
        if (again)
        {
            for (int i = 0; i < Count; i++)
            {
                Directory.CreateDirectory(_place[$"out/{i:d2}"]);
                _place.Write($"out/{i:d2}/old.png", "old"u8);
            }
        }

        using var stop = new CancellationTokenSource();
        string second = _place[$"out/01{(format == "json" ? ".json" : "/01-mask-0000.png")}"];
        var watcher = new Thread(() =>
        {
            for (var clock = Stopwatch.StartNew(); !File.Exists(second) && clock.Elapsed < TimeSpan.FromMinutes(1);)
                Thread.Yield();
            stop.Cancel();
        });
        watcher.Start();
        string[] args =
        [
            "everything", _place["many"], "--model", _place.Model, .. KeepAll, "--format", format, "--output", _place["out"],
        ];
        Shell.Outcome outcome = Shell.Run(stop.Token, again ? [.. args, "--overwrite"] : args);
        watcher.Join();

        Assert.Equal((1, "", $"cancelled{Environment.NewLine}"), (outcome.ExitCode, outcome.Output, outcome.Error));
        string[] left =
            [.. new DirectoryInfo(_place["out"]).GetFileSystemInfos().Select(file => file.Name).Where(IsResult).Order()];
        Assert.All(left, name => Assert.Matches(@"^\d\d(\.json)?$", name));
        if (again)
        {
            Assert.Equal(Count, left.Length);
            Assert.Equal(["old.png"], Files($"out/{Count - 1}"));
            Assert.All(left, name => Assert.NotEmpty(Files($"out/{name}")));
            return;
        }

        Assert.InRange(left.Length, 2, Count - 1);
        JsonElement report = Report(_place["many"], "--format", format);
        Assert.Equal(left.Length, report.GetProperty("present").GetInt32());
        Assert.Equal(Count - left.Length, report.GetProperty("written").GetInt32());
        string[] resumed = Files("out");
        Shell.Run([.. args[..^1], _place["whole"]]).Succeeded();
        Assert.Equal(Files("whole"), resumed);
        Assert.All(
            resumed, name => Assert.Equal(File.ReadAllBytes(_place[$"whole/{name}"]), File.ReadAllBytes(_place[$"out/{name}"])));
    }

    [Fact]
    public void Cancelled_before_it_began_nothing_is_written()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();

        Shell.Outcome outcome = Shell.Run(
            stop.Token, ["everything", _place.Photo, "--model", _place.Model, "--output", _place["m.json"]]);

        Assert.Equal((1, $"cancelled{Environment.NewLine}"), (outcome.ExitCode, outcome.Error));
        Assert.Empty(Added());
    }

    [Fact]
    public void Nothing_to_be_found_is_no_error()
    {
        ImageFile.Write(_place["black.png"], new RgbImage(70, 45));
        string[] strict = ["--pred-iou-thresh", "1", "--overlay", _place["o.png"], "--output"];

        Assert.All(Records(Json(_place["black.png"])), record => AssertRecord(record, 70, 45));
        Shell.Outcome none = Shell.Run(
            ["everything", _place["black.png"], "--model", _place.Model, .. strict, _place["m.json"]]).Succeeded();
        Shell.Run(
            [
                "everything", _place["black.png"], "--model", _place.Model, "--format", "cutout", .. strict, _place["m"],
            ]).Succeeded();

        Assert.StartsWith("0 masks in ", none.Output);
        Assert.Empty(Records(JsonDocument.Parse(File.ReadAllBytes(_place["m.json"])).RootElement));
        Assert.Empty(Files("m"));
        Assert.Equal(new RgbImage(70, 45).Pixels, ImageFile.Read(_place["o.png"]).Pixels);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(1, 300)]
    [InlineData(301, 2)]
    public void Picture_may_be_smaller_than_the_grid(int width, int height)
    {
        ImageFile.Write(_place["small.png"], Noise(width, height, 7));

        foreach (string[] args in (string[][])[[], ["--mode", "dense"], ["--crop-layers", "2", "--min-area", "2"]])
        {
            Shell.Outcome outcome = Shell.Run(
                [
                    "everything", _place["small.png"], "--model", _place.Model, "--pred-iou-thresh", "0",
                    "--stability-score-thresh", "0", "--points-per-side", args.Contains("--crop-layers") ? "8" : "32",
                    "--json", "-", "--overlay", _place["o.png"], .. args,
                ]).Succeeded();
            Assert.All(
                Records(JsonDocument.Parse(outcome.Output).RootElement), record => AssertRecord(record, width, height));
        }
    }

    [Fact]
    public void Points_are_not_asked_at_twice()
    {
        // The middle is of the coarse grid and of the whole one; without suppression the same masks would come twice.
        JsonElement[] records = Records(Json(_place.Photo, "--points-per-side", "5", "--box-nms-thresh", "1"));

        Assert.Equal(records.Length, records.Select(Compact).Distinct().Count());
    }

    [Theory]
    [InlineData("--pred-iou-thresh 1.5: expected a number from 0 to 1", "--pred-iou-thresh", "1.5")]
    [InlineData("--pred-iou-thresh NaN: expected a number from 0 to 1", "--pred-iou-thresh", "NaN")]
    [InlineData("--stability-score-thresh -0.1: expected a number from 0 to 1", "--stability-score-thresh", "-0.1")]
    [InlineData("--box-nms-thresh much: expected a number from 0 to 1", "--box-nms-thresh", "much")]
    [InlineData("--tolerance -1: expected a number from 0 to 1000", "--tolerance", "-1")]
    [InlineData("--points-per-side 0: must be at least 1", "--points-per-side", "0")]
    [InlineData("--points-per-side 257: must be at most 256", "--points-per-side", "257")]
    [InlineData("--crop-layers 5: must be at most 4", "--crop-layers", "5")]
    [InlineData("--min-area -1: must be at least 0", "--min-area", "-1")]
    [InlineData("Argument 'sparse' not recognized. Must be one of: 'hierarchical' 'dense'", "--mode", "sparse")]
    [InlineData(
        "Argument 'pdf' not recognized. Must be one of: 'json' 'coco' 'yolo' 'labelme' 'svg' 'geojson' 'cutout' 'mask'",
        "--format", "pdf")]
    public void Options_out_of_range_are_wrong_usage(string message, string option, string value)
    {
        Shell.Outcome outcome = Shell.Run(
            "everything", _place.Photo, "--model", _place.Model, "--json", _place["r.json"], option, value);

        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.Equal(
            $"pocketsam: {message}; see 'pocketsam everything --help'{Environment.NewLine}",
            outcome.Error.Replace("\t", "", StringComparison.Ordinal));
        Assert.Empty(Added());
    }

    [Fact]
    public void What_cannot_be_is_refused_in_one_line_and_nothing_is_made()
    {
        Directory.CreateDirectory(_place["empty"]);
        string[] before = _place.Files;
        string below = Path.Combine(_place.Photo, "out");

        Everything(_place["photos"]).Failed(
            "several pictures need --output, a folder; see 'pocketsam everything --help'", 2);
        Everything(_place["photos"], "--overlay", _place["out"]).Failed(
            "several pictures need --output, a folder; see 'pocketsam everything --help'", 2);
        Everything(_place["photos"], "--output", _place.Photo).Failed(
            $"{_place.Photo}: cannot be written (a file, where a folder is needed)");
        Everything(_place["photos"], "--output", _place["out"], "--overlay", _place.Photo).Failed(
            $"{_place.Photo}: cannot be written (a file, where a folder is needed)");
        Everything(_place["empty"], "--output", _place["out"]).Failed(
            $"{_place["empty"]}: holds no picture (.jpg, .jpeg, .jpe, .jfif, .png, .webp, "
            + ".tif, .tiff, .gif, .bmp, .ico); --recursive looks into its folders too");
        Shell.Run("everything", _place["photos"], "--model", _place["none.safetensors"], "--output", _place["out"])
            .Failed($"{_place["none.safetensors"]}: no such file");
        Everything(_place["none.png"], "--json", _place["r.json"]).Failed($"{_place["none.png"]}: no such file");
        Everything(_place["none.json"], "--output", _place["out"])
            .Failed($"{_place["none.json"]}: there is no such file");
        Everything(_place.Photo, "--overlay", _place["o.bmp"])
            .Failed($"{_place["o.bmp"]}: cannot be written (name it .png or .jpg or .jpeg or .jpe or .jfif or .webp)");
        Everything(_place.Photo, "--output", _place["empty"])
            .Failed($"{_place["empty"]}: cannot be written (it is a folder)");
        foreach (string option in (string[])["--output", "--json"])
        {
            Everything(_place.Photo, option, below)
                .Failed($"{below}: cannot be written (there is no folder {_place.Photo})");
        }

        Everything(_place.Photo, "--format", "mask", "--output", below)
            .Failed($"{below}: cannot be written (there is no folder {_place.Photo})");
        Shell.Outcome folder = Everything(_place["photos"], "--output", below);
        Assert.Equal((1, ""), (folder.ExitCode, folder.Output));
        Assert.StartsWith($"pocketsam: {below}: cannot be written (", folder.Error);
        Assert.Single(folder.Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(before, _place.Files);
        Assert.Equal(["a.png", "b.jpg", "more/c.PNG", "notes.txt"], Files("photos"));
    }

    [Fact]
    public void Folder_where_a_result_is_to_be_a_file_is_left_alone()
    {
        Directory.CreateDirectory(_place["out/b.json"]);

        Everything(_place["photos"], "--output", _place["out"])
            .Failed($"{_place["out/b.json"]}: cannot be written (it is a folder)");
        Assert.Empty(Files("out"));
    }

    private static RgbImage Noise(int width, int height, int seed)
    {
        var image = new RgbImage(width, height);
        new Random(seed).NextBytes(image.Pixels);
        return image;
    }

    /// <summary>All seven fields, which agree with each other.</summary>
    private static void AssertRecord(JsonElement record, int width, int height)
    {
        Assert.Equal(
            ["segmentation", "area", "bbox", "predicted_iou", "point_coords", "stability_score", "crop_box"],
            record.EnumerateObject().Select(property => property.Name));
        Assert.Equal($"[{height},{width}]", Compact(record.GetProperty("segmentation").GetProperty("size")));
        BinaryMask mask = MaskOf(record);
        Assert.True(mask.Area > 0);
        Assert.Equal(mask.Area, record.GetProperty("area").GetInt32());
        PixelBox box = mask.Bounds;
        Assert.Equal($"[{box.X},{box.Y},{box.Width},{box.Height}]", Compact(record.GetProperty("bbox")));
        Assert.InRange(record.GetProperty("stability_score").GetDouble(), 0, 1);
        Assert.True(double.IsFinite(record.GetProperty("predicted_iou").GetDouble()));
        JsonElement point = Assert.Single(record.GetProperty("point_coords").EnumerateArray());
        int[] crop = record.GetProperty("crop_box").Deserialize<int[]>()!;
        Assert.InRange(point[0].GetDouble(), crop[0], crop[0] + crop[2]);
        Assert.InRange(point[1].GetDouble(), crop[1], crop[1] + crop[3]);
        Assert.True(crop[0] >= 0 && crop[1] >= 0 && crop[0] + crop[2] <= width && crop[1] + crop[3] <= height);
        Assert.True(box.X >= crop[0] && box.Y >= crop[1] && box.Right <= crop[0] + crop[2] && box.Bottom <= crop[1] + crop[3]);
    }

    private static BinaryMask MaskOf(JsonElement record)
    {
        JsonElement segmentation = record.GetProperty("segmentation");
        return Rle.FromCompressed(
            segmentation.GetProperty("counts").GetString()!, segmentation.GetProperty("size")[0].GetInt32(),
            segmentation.GetProperty("size")[1].GetInt32()).ToMask();
    }

    /// <summary>Pixels that touch the first one of a mask, over any number of others.</summary>
    private static int FirstIsland(BinaryMask mask)
    {
        PixelBox box = mask.Bounds;
        var waiting = new Stack<(int X, int Y)>([(mask.NextSet(box.Y, 0), box.Y)]);
        var seen = new HashSet<(int X, int Y)>(waiting);
        while (waiting.TryPop(out (int X, int Y) pixel))
        {
            for (int y = pixel.Y - 1; y <= pixel.Y + 1; y++)
            {
                for (int x = pixel.X - 1; x <= pixel.X + 1; x++)
                {
                    if (x >= 0 && y >= 0 && x < mask.Width && y < mask.Height && mask[x, y] && seen.Add((x, y)))
                        waiting.Push((x, y));
                }
            }
        }

        return seen.Count;
    }

    private static JsonElement[] Records(JsonElement document)
        => [.. document.GetProperty("annotations").EnumerateArray()];

    private static IEnumerable<string?> Statuses(JsonElement report)
        => report.GetProperty("images").EnumerateArray().Select(image => image.GetProperty("status").GetString());

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);

    private Shell.Outcome Everything(string input, params string[] args)
    {
        string[] keep = args.Contains("--points-per-side") ? KeepAll[..^2] : KeepAll;
        return Shell.Run(["everything", input, "--model", _place.Model, .. keep, .. args]);
    }

    private JsonElement Json(string input, params string[] args)
        => JsonDocument.Parse(Everything(input, [.. args, "--json", "-"]).Succeeded().Output).RootElement;

    private JsonElement Report(string input, params string[] args) => Json(input, [.. args, "--output", _place["out"]]);

    private void AssertOverlay(string name, RgbImage picture)
    {
        RgbImage overlay = ImageFile.Read(_place[name]);
        Assert.Equal((picture.Width, picture.Height), (overlay.Width, overlay.Height));
        Assert.NotEqual(picture.Pixels, overlay.Pixels);
    }

    private string[] Added() => [.. _place.Files.Except([.. _place.Start, "photos"])];

    private string[] Files(string folder) => [.. Directory
        .EnumerateFiles(_place[folder], "*", SearchOption.AllDirectories).Where(IsResult)
        .Select(path => Path.GetRelativePath(_place[folder], path).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    private static bool IsResult(string path) => Path.GetFileName(path) != ".pocketsam.jsonl";
}
