using System.Text.Json;
using PocketSam.Imaging;

namespace PocketSam.Cli.Tests;

public sealed class SegmentTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Objects_are_told_apart_by_the_order_of_the_options()
    {
        JsonElement report = Json(
            "--point", "5,6", "--box", "1,2,30.5,40", "--point=7,8,0", "--object", "--point", "50,20", "--object",
            "--box", "0,0,90,60");

        Prompt[] prompts =
        [
            Prompt.Box(1, 2, 30.5, 40).WithPoint(5, 6).WithPoint(7, 8, isForeground: false),
            Prompt.Point(50, 20),
            Prompt.Box(0, 0, 90, 60),
        ];
        Sam sam = Sam.Load(_place.Model);
        using ImageEmbedding photo = sam.Encode(_place.Image);
        var expected = sam.Predict(photo, prompts);
        JsonElement objects = report.GetProperty("objects");
        Assert.Equal(3, objects.GetArrayLength());
        for (int i = 0; i < prompts.Length; i++)
        {
            JsonElement masks = objects[i].GetProperty("masks");
            Assert.Equal(expected[i].Masks.Count, masks.GetArrayLength());
            for (int m = 0; m < expected[i].Masks.Count; m++)
                AssertMask(expected[i].Masks[m], masks[m]);
        }

        JsonElement first = objects[0].GetProperty("prompt");
        Assert.Equal("[1,2,30.5,40]", Compact(first.GetProperty("box")));
        Assert.Equal("""[{"x":5,"y":6,"label":1},{"x":7,"y":8,"label":0}]""", Compact(first.GetProperty("points")));
    }

    [Fact]
    public void Specks_are_removed_where_asked_for()
    {
        Sam sam = Sam.Load(_place.Model);
        using ImageEmbedding photo = sam.Encode(_place.Image);
        Prediction plain = sam.Predict(photo, Prompt.Point(50, 20)), expected = plain.RemoveSmallRegions(0.3);
        Assert.NotEqual(
            plain.Masks.Select(mask => mask.ToRle().ToCompressed()), expected.Masks.Select(mask => mask.ToRle().ToCompressed()));
        JsonElement masks = Json("--point", "50,20", "--min-region", "0.3").GetProperty("objects")[0].GetProperty("masks");
        for (int m = 0; m < expected.Masks.Count; m++)
            AssertMask(expected.Masks[m], masks[m]);
    }

    [Fact]
    public void Report_names_picture_model_and_times()
    {
        JsonElement report = Json("--point", "5,6", "--image-size", "64", "--threads", "1");

        string picture = JsonSerializer.Serialize(_place.Photo), model = JsonSerializer.Serialize(_place.Model);
        Assert.Equal($$"""{"path":{{picture}},"width":90,"height":60}""", Compact(report.GetProperty("image")));
        Assert.Equal(
            $$"""{"name":{{model}},"architecture":"nano","parameters":81218,"image_size":64}""",
            Compact(report.GetProperty("model")));
        Assert.Equal(
            ["load", "decode_image", "encode", "decode"],
            report.GetProperty("timings_ms").EnumerateObject().Select(time => time.Name));
    }

    [Fact]
    public void Every_object_gets_three_masks_where_asked_for()
    {
        JsonElement objects = Json("--multimask", "--box", "1,2,30,40", "--object", "--point", "5,6")
            .GetProperty("objects");

        Assert.Equal([3, 3], objects.EnumerateArray().Select(o => o.GetProperty("masks").GetArrayLength()));
    }

    [Fact]
    public void Each_object_is_looked_at_closer_where_asked_for()
    {
        string[] prompts = ["--box", "10,10,30,30", "--object", "--box", "40,20,60,50"];
        Shell.Run(["segment", _place.Photo, "--model", _place.Model, .. prompts, "--zoom", "--output", _place["mask.png"]]).Succeeded();

        var sam = Sam.Load(_place.Model);
        using ImageEmbedding photo = sam.Encode(_place.Image);
        IReadOnlyList<Prediction> found = sam.PredictZoomed(_place.Image, photo, [Prompt.Box(10, 10, 30, 30), Prompt.Box(40, 20, 60, 50)]);
        for (int i = 0; i < 2; i++)
            Assert.True(found[i].Best.Bits.ContentEquals(ImageFile.ReadMask(_place[$"mask-{i + 1}.png"])));

        // With an embedding the picture is read too.
        Shell.Run("embed", _place.Photo, "--model", _place.Model, "--output", _place["photo.safetensors"]).Succeeded();
        Shell.Run(
            ["segment", _place.Photo, "--model", _place.Model, .. prompts, "--zoom", "--embedding", _place["photo.safetensors"], "--output", _place["again.png"]])
            .Succeeded();
        Assert.Equal(File.ReadAllBytes(_place["mask-1.png"]), File.ReadAllBytes(_place["again-1.png"]));
        Shell.Run("segment", _place.Photo, "--text", "cat", "--zoom").Failed(
            "--text goes without points, boxes, masks, --multimask, --zoom, --embedding and --logits; see 'pocketsam segment --help'", 2);
    }

    [Fact]
    public void Mask_overlay_logits_and_report_are_written()
    {
        Segment(
            "--point", "5,6", "--output", _place["m.png"], "--overlay", _place["o.jpg"], "--logits",
            _place["l.safetensors"], "--json", _place["r.json"]);

        Assert.Equal(["l.safetensors", "m.png", "o.jpg", "r.json"], _place.Files.Except(_place.Start));
        Sam sam = Sam.Load(_place.Model);
        using ImageEmbedding photo = sam.Encode(_place.Image);
        Mask best = sam.Predict(photo, Prompt.Point(5, 6)).Best;
        RgbImage written = ImageFile.Read(_place["m.png"]);
        byte[] red = [.. written.Pixels.Where((_, i) => i % 3 == 0)];
        Assert.Equal(best.Bits.ToBytes(255), red);

        // The logits, given back with one more point, refine the mask as in the library.
        Segment(
            "--point", "5,6", "--point", "80,50,0", "--mask", _place["l.safetensors"], "--json", _place["r.json"]);
        Mask refined = sam.Predict(photo, Prompt.Point(5, 6).WithPoint(80, 50, false).WithMask(best.Logits)).Best;
        JsonElement report = JsonDocument.Parse(File.ReadAllBytes(_place["r.json"])).RootElement;
        AssertMask(refined, report.GetProperty("objects")[0].GetProperty("masks")[0]);
    }

    [Fact]
    public void Picture_of_a_mask_is_refined()
    {
        var drawn = new BinaryMask(90, 60);
        drawn.Fill(new PixelBox(20, 10, 31, 21));
        ImageFile.WriteMask(_place["drawn.png"], drawn);

        JsonElement objects = Json(
            "--mask", _place["drawn.png"], "--object", "--box", "5,5,60,50", "--mask", _place["drawn.png"], "--object",
            "--point", "3,4").GetProperty("objects");

        Sam sam = Sam.Load(_place.Model);
        using ImageEmbedding photo = sam.Encode(_place.Image);
        var expected = sam.Predict(
            photo, [Prompt.Point(30, 20).WithMask(drawn), Prompt.Box(5, 5, 60, 50).WithMask(drawn), Prompt.Point(3, 4)]);
        Assert.Equal("""[{"x":30,"y":20,"label":1}]""", Compact(objects[0].GetProperty("prompt").GetProperty("points")));
        for (int i = 0; i < expected.Count; i++)
            AssertMask(expected[i].Masks[0], objects[i].GetProperty("masks")[0]);
    }

    [Fact]
    public void Embedding_spares_the_encoding()
    {
        Shell.Run(
            "embed", _place.Photo, "--model", _place.Model, "--image-size", "64", "--output", _place["e.safetensors"])
            .Succeeded();

        JsonElement encoded = Json("--point", "5,6", "--image-size", "64");
        JsonElement loaded = Json("--point", "5,6", "--embedding", _place["e.safetensors"]);

        Assert.Equal(Compact(encoded.GetProperty("objects")), Compact(loaded.GetProperty("objects")));
        Assert.Equal(Compact(encoded.GetProperty("model")), Compact(loaded.GetProperty("model")));
    }

    [Fact]
    public void Several_masks_get_numbers()
    {
        Shell.Outcome outcome = Segment(
            "--point", "5,6", "--object", "--point", "50,20", "--output", _place["m.png"]);

        Assert.Equal(["m-1.png", "m-2.png"], _place.Files.Except(_place.Start));
        string[] lines = outcome.Output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("object 1: ", lines[0]);
        Assert.StartsWith("object 2: ", lines[1]);
        Assert.Equal([$"wrote {_place["m-1.png"]}", $"wrote {_place["m-2.png"]}"], lines[3..]);
        Assert.Equal($"by {_place.Model} (nano at 128)", lines[2]);
    }

    [Fact]
    public void Overlay_is_written_to_the_current_directory_where_nothing_is_asked_for()
    {
        string before = Environment.CurrentDirectory;
        try
        {
            Environment.CurrentDirectory = _place.Folder;
            Assert.EndsWith($"wrote photo.overlay.png{Environment.NewLine}", Segment("--point", "5,6").Output);
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }

        Assert.Equal(90, ImageFile.Read(_place["photo.overlay.png"]).Width);
    }

    [Fact]
    public void Picture_of_one_pixel_has_a_mask()
    {
        ImageFile.Write(_place["dot.png"], new RgbImage(1, 1));

        Shell.Outcome outcome = Shell.Run(
            "segment", _place["dot.png"], "--model", _place.Model, "--point", "0,0", "--box", "0,0,1,1", "--json", "-");

        JsonElement report = JsonDocument.Parse(outcome.Succeeded().Output).RootElement;
        Assert.Equal("[1,1]", Compact(report.GetProperty("objects")[0].GetProperty("masks")[0]
            .GetProperty("segmentation").GetProperty("size")));
    }

    private static void AssertMask(Mask expected, JsonElement actual)
    {
        Assert.Equal(expected.PredictedIou, actual.GetProperty("predicted_iou").GetSingle());
        Assert.Equal(expected.StabilityScore, actual.GetProperty("stability_score").GetSingle());
        Assert.Equal(expected.Area, actual.GetProperty("area").GetInt32());
        PixelBox box = expected.Box;
        Assert.Equal($"[{box.X},{box.Y},{box.Width},{box.Height}]", Compact(actual.GetProperty("bbox")));
        JsonElement segmentation = actual.GetProperty("segmentation");
        Assert.Equal($"[{expected.Bits.Height},{expected.Bits.Width}]", Compact(segmentation.GetProperty("size")));
        Assert.Equal(expected.ToRle().ToCompressed(), segmentation.GetProperty("counts").GetString());
    }

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);

    private JsonElement Json(params string[] args)
        => JsonDocument.Parse(Segment([.. args, "--json", "-"]).Output).RootElement;

    private Shell.Outcome Segment(params string[] args)
        => Shell.Run(["segment", _place.Photo, "--model", _place.Model, .. args]).Succeeded();
}
