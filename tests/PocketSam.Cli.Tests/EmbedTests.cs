using System.Text.Json;
using PocketSam.Imaging;

namespace PocketSam.Cli.Tests;

public sealed class EmbedTests : IDisposable
{
    private const int Nano = 8 * 8 * 32;

    private readonly Workplace _place = new();

    public EmbedTests()
    {
        Directory.CreateDirectory(_place["photos/more"]);
        ImageFile.Write(_place["photos/a.png"], _place.Image);
        ImageFile.Write(_place["photos/b.jpg"], new RgbImage(40, 50));
        ImageFile.Write(_place["photos/more/c.PNG"], new RgbImage(7, 5));
        _place.Write("photos/notes.txt", "no picture"u8);
    }

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("float32", DataType.Float32)]
    [InlineData("float16", DataType.Float16)]
    public void Picture_becomes_a_file(string name, DataType type)
    {
        Shell.Outcome outcome = Embed(_place.Photo, _place["e.safetensors"], "--dtype", name).Succeeded();
        Shell.Outcome again = Embed(_place.Photo, _place["e.safetensors"], "--dtype", name).Succeeded();

        Assert.Equal($"wrote {_place["e.safetensors"]}{Environment.NewLine}", outcome.Output);
        Assert.Equal($"{_place["e.safetensors"]} is there already{Environment.NewLine}", again.Output);
        Assert.Equal(type, Safetensors.Read(_place["e.safetensors"]).Tensors["embedding"].Type);
        using ImageEmbedding expected = Sam.Load(_place.Model).Encode(_place.Image);
        using ImageEmbedding written = ImageEmbedding.Load(_place["e.safetensors"], 90, 60);
        Assert.Equal(
            type == DataType.Float32 ? expected.ToArray() : [.. expected.ToArray().Select(v => (float)(Half)v)],
            written.ToArray());
    }

    [Fact]
    public void Folder_becomes_a_folder_and_what_is_done_is_not_done_again()
    {
        Shell.Outcome first = Embed(_place["photos"], _place["out"]).Succeeded();
        Assert.StartsWith(
            $"2 pictures, 2 without an embedding: {2 * Nano * 4 / 1e3:0.0} kB to be written to {_place["out"]}",
            first.Output);
        Assert.Contains($"embedded 2 pictures to {_place["out"]} in ", first.Output);
        Assert.Equal(["a.png.safetensors", "b.jpg.safetensors"], Files("out"));

        DateTime before = File.GetLastWriteTimeUtc(_place["out/a.png.safetensors"]);
        JsonElement second = Report(_place["photos"], "--recursive");
        Assert.Equal(["present", "present", "written"], Statuses(second));
        Assert.Equal(before, File.GetLastWriteTimeUtc(_place["out/a.png.safetensors"]));
        Assert.Equal(["a.png.safetensors", "b.jpg.safetensors", "more/c.PNG.safetensors"], Files("out"));
        Checkpoint file = Safetensors.Read(_place["out/more/c.PNG.safetensors"]);
        Assert.Equal("more/c.PNG", file.Metadata["image"]);
        using ImageEmbedding loaded = ImageEmbedding.Load(file.Source);
        Assert.Equal((7, 5, 128), (loaded.Geometry.Width, loaded.Geometry.Height, loaded.Geometry.InputSize));
    }

    [Fact]
    public void What_is_there_of_something_else_is_done_again()
    {
        Embed(_place["photos"], _place["out"]).Succeeded();

        ImageFile.Write(_place["photos/b.jpg"], new RgbImage(41, 50));
        Assert.Equal(["present", "written"], Statuses(Report(_place["photos"])));
        File.WriteAllBytes(_place["out/a.png.safetensors"], File.ReadAllBytes(_place["out/a.png.safetensors"])[..500]);
        Assert.Equal(["written", "present"], Statuses(Report(_place["photos"])));
        Assert.StartsWith(
            $"2 pictures, 2 without an embedding: {2 * Nano * 2 / 1e3:0.0} kB",
            Embed(_place["photos"], _place["out"], "--dtype", "float16").Succeeded().Output);
        Assert.Equal(["present", "present"], Statuses(Report(_place["photos"], "--dtype", "float16")));
        Assert.Equal(["written", "written"], Statuses(Report(_place["photos"], "--image-size", "64")));
        Assert.Equal(["present", "present"], Statuses(Report(_place["photos"], "--image-size", "64")));
    }

    [Fact]
    public void Broken_picture_is_named_and_the_others_are_done()
    {
        string broken = _place.Write("photos/aa.jpg", "hello"u8);

        Shell.Outcome outcome = Embed(_place["photos"], _place["out"], "--json", _place["r.json"]);

        string reason = $"{broken}: not a JPEG, PNG, WebP, TIFF, GIF, BMP or ICO picture";
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal($"pocketsam: 1 of 3 pictures failed: {reason}{Environment.NewLine}", outcome.Error);
        Assert.Contains($"failed: {reason}{Environment.NewLine}", outcome.Output);
        Assert.EndsWith($"; 0 were there already, 1 failed{Environment.NewLine}", outcome.Output);
        Assert.Equal(["a.png.safetensors", "b.jpg.safetensors"], Files("out"));
        JsonElement report = JsonDocument.Parse(File.ReadAllBytes(_place["r.json"])).RootElement;
        Assert.Equal(["written", "failed", "written"], Statuses(report));
        Assert.Equal(reason, report.GetProperty("images")[1].GetProperty("error").GetString());
    }

    [Fact]
    public void Pictures_of_a_data_set_are_found_wherever_they_lie()
    {
        var mask = new BinaryMask(90, 60);
        mask.Fill(new PixelBox(0, 0, 9, 9));
        Directory.CreateDirectory(_place["set"]);
        CocoWriter.Write(
            _place["set/data.json"],
            [
                new AnnotatedPicture("../photo.png", 90, 60, [new Annotation(mask)]),
                new AnnotatedPicture("../photos/a.png", 90, 60, [new Annotation(mask)]),
            ]);

        Assert.Equal(["written", "written"], Statuses(Report(_place["set/data.json"])));
        Assert.Equal(["a.png.safetensors", "photo.png.safetensors"], Files("out"));
        CocoWriter.Write(
            _place["set/data.json"],
            [
                new AnnotatedPicture("a.png", 90, 60, [new Annotation(mask)]),
                new AnnotatedPicture("../photos/a.png", 90, 60, [new Annotation(mask)]),
            ]);
        Shell.Outcome twice = Embed(_place["set/data.json"], _place["out"]);
        Assert.StartsWith($"pocketsam: {_place["out/a.png.safetensors"]}: would be the result of ", twice.Error);
    }

    [Fact]
    public void What_is_finished_stays_when_it_is_cancelled()
    {
        Embed(_place["photos"], _place["out"]).Succeeded();

        Shell.Outcome outcome = Shell.Run(
            new CancellationToken(canceled: true), "embed", _place["photos"], "--model", _place.Model, "--recursive",
            "--output", _place["out"]);

        Assert.Equal((1, $"cancelled{Environment.NewLine}"), (outcome.ExitCode, outcome.Error));
        Assert.Equal(["a.png.safetensors", "b.jpg.safetensors"], Files("out"));
    }

    [Fact]
    public void What_cannot_be_is_refused_in_one_line()
    {
        Directory.CreateDirectory(_place["empty"]);

        Embed(_place["empty"], _place["out"]).Failed(
            $"{_place["empty"]}: holds no picture (.jpg, .jpeg, .jpe, .jfif, .png, .webp, "
            + ".tif, .tiff, .gif, .bmp, .ico); --recursive looks into its folders too");
        Embed(_place["photos"], _place.Photo).Failed(
            $"{_place.Photo}: cannot be written (a file, where a folder is needed)");
        Embed(_place.Photo, _place["e.bin"]).Failed($"{_place["e.bin"]}: cannot be written (name it .safetensors)");
        Embed(_place["none.png"], _place["e.safetensors"]).Failed($"{_place["none.png"]}: no such file");
        Embed(_place.Photo, _place["e.safetensors"], "--dtype", "int8").Failed(
            "Argument 'int8' not recognized. Must be one of:\n\t'float32'\n\t'float16'".ReplaceLineEndings(" ")
            + "; see 'pocketsam embed --help'", 2);
        Assert.DoesNotContain("e.safetensors", _place.Files);
        Assert.DoesNotContain("out", _place.Files);
    }

    [Fact]
    public void Disk_that_is_too_small_is_refused()
    {
        string path = _place["not/yet/there"];

        DiskSpace.Require(path, 1);
        var e = Assert.Throws<IOException>(() => DiskSpace.Require(path, long.MaxValue));

        Assert.StartsWith($"{path}: 9223372036.9 GB are needed and ", e.Message);
    }

    private static IEnumerable<string?> Statuses(JsonElement report)
        => report.GetProperty("images").EnumerateArray().Select(image => image.GetProperty("status").GetString());

    private Shell.Outcome Embed(string input, string output, params string[] args)
        => Shell.Run(["embed", input, "--model", _place.Model, "--output", output, .. args]);

    private JsonElement Report(string input, params string[] args)
        => JsonDocument.Parse(Embed(input, _place["out"], [.. args, "--json", "-"]).Succeeded().Output).RootElement;

    private string[] Files(string folder) => [.. Directory
        .EnumerateFiles(_place[folder], "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(_place[folder], path).Replace('\\', '/')).Order(StringComparer.Ordinal)];
}
