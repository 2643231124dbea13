using PocketSam.Imaging;
using PocketSam.Imaging.Tests;
using PocketSam.Models;

namespace PocketSam.Cli.Tests;

/// <summary>One line that names the thing, exit code 1, nothing written.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Picture_that_is_none() => Refused(
        _place.Write("x.jpg", "hello"u8), ": not a JPEG, PNG, WebP, TIFF, GIF, BMP or ICO picture");

    [Fact]
    public void Picture_that_is_empty() => Refused(_place.Write("x.jpg", []), ": empty file");

    [Fact]
    public void Picture_that_is_cut_off()
    {
        byte[] jpeg = ImageFile.EncodeJpeg(_place.Image);
        Refused(_place.Write("x.jpg", jpeg.AsSpan(0, jpeg.Length / 2)), ": truncated JPEG");
    }

    [Fact]
    public void Picture_of_a_hundred_megapixels() => Refused(
        _place.Write("x.png", new PngBuilder(10000, 10000, 8, PngBuilder.Rgb).Rows([1, 2, 3]).End()),
        ": a 100-megapixel PNG (10000x10000); the limit is 64 megapixels");

    [Fact]
    public void Picture_that_is_not_there() => Refused(_place["none.jpg"], ": no such file");

    [Fact]
    public void Picture_that_is_a_folder() => Refused(_place.Folder, ": a folder, not a picture");

    [Theory]
    [InlineData("point 90,5: outside the picture of 90x60", "--point", "90,5")]
    [InlineData("point -1,5: outside the picture of 90x60", "--point", "-1,5")]
    [InlineData("point NaN,5: coordinates must be finite numbers", "--point", "NaN,5")]
    [InlineData("box 5,5,5,20: has no area", "--box", "5,5,5,20")]
    [InlineData("box 9,5,5,20: inside out, give left, top, right, bottom", "--box", "9,5,5,20")]
    [InlineData("box 0,0,NaN,5: edges must be finite numbers", "--box", "0,0,NaN,5")]
    [InlineData("box 90,0,95,60: lies outside the picture of 90x60", "--box", "90,0,95,60")]
    [InlineData("nothing to look for: give --point X,Y or --box X0,Y0,X1,Y1 or --mask PNG or --text WORDS")]
    [InlineData("object 1 has neither a point nor a box nor a mask as PNG", "--mask", "x.safetensors")]
    [InlineData("object 2 has neither a point nor a box nor a mask as PNG", "--point", "1,1", "--object")]
    public void Prompt_that_cannot_be_answered(string message, params string[] prompt)
    {
        string[] before = _place.Files;
        Segment(_place.Photo, _place.Model, [.. prompt, "--output", _place["m.png"]]).Failed(message);
        Assert.Equal(before, _place.Files);
    }

    [Fact]
    public void Logits_of_another_size()
    {
        Safetensors.Write(_place["l.safetensors"], [new("logits", StoredTensor.FromFloats(new float[16], [4, 4]))]);

        Segment(_place.Photo, _place.Model, "--point", "1,1", "--mask", _place["l.safetensors"])
            .Failed("previous logits of 4x4: a picture encoded at 128 pixels takes 32x32");
        Segment(_place.Photo, _place.Model, "--point", "1,1", "--mask", _place.Model)
            .Failed($"{_place.Model}: has no tensor logits");
    }

    [Fact]
    public void Mask_that_cannot_be_one()
    {
        ImageFile.WriteMask(_place["small.png"], new BinaryMask(60, 90));
        ImageFile.WriteMask(_place["empty.png"], new BinaryMask(90, 60));
        File.WriteAllBytes(_place["jpeg.png"], ImageFile.EncodeJpeg(_place.Image));

        Masked("small.png").Failed($"{_place["small.png"]}: a mask of 60x90, but the picture has 90x60");
        Masked("empty.png").Failed($"{_place["empty.png"]}: an empty mask: every pixel is black or transparent");
        Masked("jpeg.png").Failed($"{_place["jpeg.png"]}: masks are read from PNG only");
        Masked("none.png").Failed($"{_place["none.png"]}: no such file");

        Shell.Outcome Masked(string name) => Segment(_place.Photo, _place.Model, "--mask", _place[name]);
    }

    [Fact]
    public void Embedding_that_does_not_fit()
    {
        SamModel other = SamModel.Create(ModelZoo.Nano, seed: 2);
        Safetensors.Write(_place["other.safetensors"], other.State.ToStored(DataType.Float32), other.Metadata());
        string path = _place["e.safetensors"];
        Shell.Run("embed", _place.Photo, "--model", _place.Model, "--output", path).Succeeded();
        ImageFile.Write(_place["dot.png"], new RgbImage(1, 1));

        Embedded(_place["dot.png"], _place.Model, path)
            .Failed($"{path}: the embedding of a picture of 90x60, not of 1x1");
        Shell.Outcome stranger = Embedded(_place.Photo, _place["other.safetensors"], path);
        Embedded(_place.Photo, _place.Model, _place.Model).Failed($"{_place.Model}: has no tensor embedding");
        Segment(_place.Photo, _place.Model, "--point", "0,0", "--embedding", path, "--image-size", "64").Failed(
            "--image-size and --embedding: an embedding has its own input size; see 'pocketsam segment --help'", 2);

        Assert.Equal(1, stranger.ExitCode);
        Assert.StartsWith($"pocketsam: {path}: the embedding is not this model's: {_place.Model} (", stranger.Error);
        Assert.Contains($"made it, and this is {_place["other.safetensors"]} (", stranger.Error);

        static Shell.Outcome Embedded(string picture, string model, string embedding)
            => Segment(picture, model, "--point", "0,0", "--embedding", embedding);
    }

    [Fact]
    public void Model_that_is_none()
    {
        Segment(_place.Photo, _place["none.safetensors"], "--point", "1,1")
            .Failed($"{_place["none.safetensors"]}: no such file");
        Segment(_place.Photo, _place.Folder, "--point", "1,1").Failed($"{_place.Folder}: a folder, not a checkpoint");
        Segment(_place.Photo, "vit_t", "--point", "1,1").Failed(
            "vit_t is the name of an architecture: give 'default', 'quality' or a file that holds its weights");
        string text = _place.Write("text.safetensors", "short"u8);
        Segment(_place.Photo, text, "--point", "1,1")
            .Failed($"{text}: neither a safetensors file nor one of torch.save");
        Safetensors.Write(_place["l.safetensors"], [new("logits", StoredTensor.FromFloats(new float[16], [4, 4]))]);
        Segment(_place.Photo, _place["l.safetensors"], "--point", "1,1")
            .Failed(
                $"{_place["l.safetensors"]}: no model that PocketSam knows: neither pocketsam.config in the metadata, nor the keys " +
                "of SAM (image_encoder.pos_embed) or of MobileSAM and TinySAM (image_encoder.patch_embed.seq.0.c.weight)");
    }

    [Fact]
    public void Model_of_another_architecture()
    {
        SamModel nano = SamModel.Create(ModelZoo.Nano, seed: 1);
        SamConfig wider = ModelZoo.Nano with { PromptEmbedDim = 64 };
        Safetensors.Write(
            _place["wide.safetensors"], nano.State.ToStored(DataType.Float32),
            new Dictionary<string, string> { [ModelZoo.MetadataKey] = ModelZoo.ToJson(wider) });

        Segment(_place.Photo, _place["wide.safetensors"], "--point", "1,1").Failed(
            $"{_place["wide.safetensors"]}: tensor image_encoder.neck.0.weight: shape [32, 32, 1, 1] "
            + "where the architecture has [64, 32, 1, 1]");
    }

    [Theory]
    [InlineData("--output", "no/m.png")]
    [InlineData("--overlay", "no/m.png")]
    [InlineData("--logits", "no/m.safetensors")]
    [InlineData("--json", "no/m.json")]
    public void Output_without_folder(string option, string name)
    {
        string path = _place[name];
        Segment(_place.Photo, _place.Model, "--point", "1,1", option, path)
            .Failed($"{path}: cannot be written (there is no folder {Path.GetDirectoryName(path)})");
    }

    [Fact]
    public void Output_that_cannot_be()
    {
        Directory.CreateDirectory(_place["m.png"]);
        Segment(_place.Photo, _place.Model, "--point", "1,1", "--output", _place["m.png"])
            .Failed($"{_place["m.png"]}: cannot be written (it is a folder)");
        Segment(_place.Photo, _place.Model, "--point", "1,1", "--output", _place["m.bmp"])
            .Failed($"{_place["m.bmp"]}: cannot be written (name it .png)");
        Segment(_place.Photo, _place.Model, "--point", "1,1", "--overlay", _place["m.gif"])
            .Failed($"{_place["m.gif"]}: cannot be written (name it .png or .jpg or .jpeg or .jpe or .jfif or .webp)");
    }

    [Fact]
    public void Output_that_the_system_refuses()
    {
        Assert.SkipUnless(Directory.Exists("/proc/self"), "there is no folder here that nobody can write");
        Shell.Outcome outcome = Segment(_place.Photo, _place.Model, "--point", "1,1", "--json", "/proc/self/r.json");

        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith("pocketsam: /proc/self/r.json: cannot be written (", outcome.Error);
        Assert.Single(outcome.Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Data_that_is_none()
    {
        Directory.CreateDirectory(_place["empty"]);
        Evaluate(_place["empty"]).Failed($"{_place["empty"]}: a folder; give the COCO file in it");
        Evaluate(_place["none.json"]).Failed($"{_place["none.json"]}: there is no such file");

        string none = _place.Write("no-images.json", """{"images":[],"annotations":[]}"""u8);
        Evaluate(none).Failed($"{none}: the list of images is empty");

        string broken = _place.Write("broken.json", File.ReadAllBytes(_place.Data).AsSpan(0, 50));
        Shell.Outcome outcome = Evaluate(broken);
        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith($"pocketsam: {broken}: not COCO instance JSON: ", outcome.Error);
        Assert.Single(outcome.Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Data_with_broken_annotations()
    {
        string text = File.ReadAllText(_place.Data);
        string bad = _place["bad.json"];
        File.WriteAllText(bad, text.Replace("\"counts\":\"", "\"counts\":\"~", StringComparison.Ordinal));

        Evaluate(bad).Failed(
            $"{bad}: no mask of at least 1024 pixels to measure; 1 annotations were left out, the first: "
            + "annotation 1 (image 1): run-length string: character 0 is U+007E, not one of '0' to 'o'");
    }

    [Fact]
    public void Data_without_its_pictures_or_without_masks()
    {
        var mask = new BinaryMask(90, 60);
        mask.Fill(new PixelBox(0, 0, 2, 2));
        CocoWriter.Write(_place["small.json"], [new AnnotatedPicture("photo.png", 90, 60, [new Annotation(mask)])]);
        mask.Fill(new PixelBox(0, 0, 60, 60));
        CocoWriter.Write(_place["lost.json"], [new AnnotatedPicture("lost.png", 90, 60, [new Annotation(mask)])]);
        CocoWriter.Write(_place["other.json"], [new AnnotatedPicture("dot.png", 90, 60, [new Annotation(mask)])]);
        ImageFile.Write(_place["dot.png"], new RgbImage(1, 1));

        Evaluate(_place["small.json"]).Failed(
            $"{_place["small.json"]}: no mask of at least 1024 pixels to measure");
        Evaluate(_place["lost.json"]).Failed($"{_place["lost.png"]}: the picture of image 1 is missing");
        Evaluate(_place["other.json"]).Failed(
            $"{_place["dot.png"]}: the picture is 1x1, but the data set states 90x60 for image 1");
    }

    private static Shell.Outcome Segment(string picture, string model, params string[] args)
        => Shell.Run(["segment", picture, "--model", model, .. args]);

    private Shell.Outcome Evaluate(string data)
        => Shell.Run("evaluate", "--data", data, "--model", _place.Model, "--json", _place["report.json"]);

    private void Refused(string picture, string reason)
    {
        string[] before = _place.Files;
        Segment(picture, _place.Model, "--point", "1,1", "--output", _place["m.png"]).Failed(picture + reason);
        Assert.Equal(before, _place.Files);
    }
}
