using System.Text.Json;
using PocketSam.Imaging;

namespace PocketSam.Cli.Tests;

/// <summary>Data sets as they come: other places, other kinds of values, pictures and annotations that cannot be used.</summary>
public sealed class DataSetTests : IDisposable
{
    private const string Square = "[[10,5,60,5,60,45,10,45]]";

    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("annotations/instances_val2017.json", "val2017")]
    [InlineData("annotations/instances_val2017.json", "images/val2017")]
    [InlineData("annotations/instances_default.json", "images/default")]
    [InlineData("annotations/x.json", "images")]
    [InlineData("_annotations.coco.json", "images")]
    [InlineData("x.json", ".")]
    public void Pictures_are_found_in_the_usual_places(string json, string folder)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_place["set/" + json])!);
        Directory.CreateDirectory(_place["set/" + folder]);
        File.Copy(_place.Photo, _place[$"set/{folder}/photo.png"]);
        Set("set/" + json, "photo.png", Square);

        Assert.Contains("1 masks in 1 pictures", Evaluate("set/" + json).Succeeded().Output);
        Shell.Run("embed", _place["set/" + json], "--model", _place.Model, "--output", _place["e"]).Succeeded();
        Assert.Equal(
            "photo.png.safetensors",
            Path.GetFileName(Assert.Single(Directory.GetFiles(_place["e"], "*", SearchOption.AllDirectories))));
    }

    [Fact]
    public void Folder_of_the_pictures_can_be_said_and_backslashes_part_folders()
    {
        Directory.CreateDirectory(_place["elsewhere/sub"]);
        File.Copy(_place.Photo, _place["elsewhere/sub/b.png"]);
        Set("set.json", @"sub\\b.png", Square);

        Assert.Contains("1 masks in 1 pictures", Evaluate("set.json", "--images", _place["elsewhere"]).Succeeded().Output);
        Evaluate("set.json").Failed($"{Path.Combine(_place.Folder, "sub/b.png")}: the picture of image 1 is missing");
    }

    [Fact]
    public void Annotations_without_a_mask_are_told_and_the_others_measured()
    {
        Set("set.json", "photo.png", Square, "[]", "[[]]", "null", "[[1,2,3,4]]");

        Shell.Outcome outcome = Evaluate("set.json").Succeeded();
        Assert.Contains("1 masks in 1 pictures", outcome.Output);
        Assert.Contains(
            $"left out: 4 annotations of {_place["set.json"]} without a usable mask, the first: annotation 2 (image 1): "
            + "segmentation without a polygon", outcome.Output);
        Train("set.json").Succeeded();
    }

    [Fact]
    public void Pictures_that_cannot_be_read_are_told_and_the_others_used()
    {
        File.WriteAllBytes(_place["cut.png"], File.ReadAllBytes(_place.Photo)[..400]);
        File.WriteAllText(_place["set.json"], $$"""
            {"images":[{"id":1,"file_name":"none.png","width":90,"height":60},{"id":2,"file_name":"cut.png","width":90,"height":60},
            {"id":3,"file_name":"photo.png","width":90,"height":60}],
            "annotations":[{{string.Join(',', Enumerable.Range(1, 3).Select(i => $$"""{"id":{{i}},"image_id":{{i}},"segmentation":{{Square}}}"""))}}]}
            """);

        foreach (Shell.Outcome outcome in new[] { Evaluate("set.json", "--json", _place["r.json"]), Train("set.json") })
        {
            Assert.Equal(1, outcome.ExitCode);
            Assert.Matches(@"^pocketsam: 2 pictures were left out: .*\.png: (the picture of image 1 is missing|truncated PNG)\r?\n$", outcome.Error);
            Assert.Contains($"left out: {_place["none.png"]}: the picture of image 1 is missing", outcome.Output);
            Assert.Contains($"left out: {_place["cut.png"]}: truncated PNG", outcome.Output);
        }

        Assert.Equal(1, JsonDocument.Parse(File.ReadAllBytes(_place["r.json"])).RootElement.GetProperty("masks").GetInt32());
        Assert.True(File.Exists(_place["run/model.safetensors"]));

        Shell.Outcome limited = Evaluate("set.json", "--max-failures", "1");
        Assert.Contains("the picture is one of more than 1 that cannot be used", limited.Error);
        Evaluate("set.json", "--max-failures", "0").Failed(
            $"{_place["none.png"]}: the picture is one of more than 0 that cannot be used, the first: "
            + $"{_place["none.png"]}: the picture of image 1 is missing");
    }

    [Fact]
    public void Masks_of_the_stored_pixels_can_be_used_and_the_mistake_is_told()
    {
        // Orientation 6: the stored picture is 90x60, the upright one 60x90.
        byte[] jpeg = ImageFile.EncodeJpeg(_place.Image);
        byte[] exif = [0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
        _place.Write("turned.jpg", [.. jpeg[..2], .. exif, .. jpeg[2..]]);
        Assert.Equal((60, 90), ImageFile.ReadSize(_place["turned.jpg"]));
        Set("set.json", "turned.jpg", Square);

        Evaluate("set.json").Failed(
            $"{_place["turned.jpg"]}: the picture is 60x90, but the data set states 90x60 for image 1; it is turned by its EXIF "
            + "orientation, and the data set may be of the stored pixels");
        Shell.Outcome stored = Evaluate("set.json", "--stored-pixels").Succeeded();
        Assert.DoesNotContain("turned:", stored.Output);

        exif[^7] = 3;
        File.WriteAllBytes(_place["turned.jpg"], [.. jpeg[..2], .. exif, .. jpeg[2..]]);
        Assert.Contains("--stored-pixels if the masks were drawn on the stored pixels", Evaluate("set.json").Succeeded().Output);
    }

    [Fact]
    public void Sizes_are_checked_before_masks_are_drawn()
    {
        File.WriteAllText(_place["bomb.json"], $$"""
            {"images":[{"id":1,"file_name":"photo.png","width":23000,"height":23000}],
            "annotations":[{{string.Join(',', Enumerable.Range(1, 50).Select(i =>
                $$"""{"id":{{i}},"image_id":1,"segmentation":[[0,0,23000,0,23000,23000]]}"""))}}]}
            """);
        long before = GC.GetTotalAllocatedBytes();

        Evaluate("bomb.json").Failed($"{_place.Photo}: the picture is 90x60, but the data set states 23000x23000 for image 1");

        // A single one of the masks takes 66 MB.
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 50_000_000);
    }

    private Shell.Outcome Evaluate(string json, params string[] args) => Shell.Run(
        ["evaluate", "--data", _place[json], "--model", _place.Model, "--protocol", "box", "--min-area", "1", .. args]);

    private Shell.Outcome Train(string json) => Shell.Run(
        "train", "--output", _place["run"], "--architecture", "nano", "--stages", "64x2x2", "--data", _place[json], "--scenes", "0",
        "--min-area", "1", "--masks", "2", "--rounds", "0");

    private void Set(string json, string picture, params string[] segmentations) => File.WriteAllText(_place[json], $$"""
        {"images":[{"id":1,"file_name":"{{picture}}","width":90,"height":60}],"annotations":[{{string.Join(',', segmentations
            .Select((segmentation, i) => $$"""{"id":{{i + 1}},"image_id":1,"segmentation":{{segmentation}}}"""))}}]}
        """);
}
