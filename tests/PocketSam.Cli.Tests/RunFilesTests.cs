using PocketSam.Imaging;

namespace PocketSam.Cli.Tests;

/// <summary>Nothing that is read is written, by whatever path, and nothing is written twice.</summary>
public sealed class RunFilesTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("photo.png", "segment", "photo.png", "--point", "1,1", "--output", "photo.png")]
    [InlineData("photo.png", "segment", "photo.png", "--point", "1,1", "--overlay", "photo.png")]
    [InlineData("photo.png", "segment", "photo.png", "--point", "1,1", "--json", "photo.png")]
    [InlineData("photo.png", "segment", "photo.png", "--point", "1,1", "--logits", "photo.png")]
    [InlineData("photo-2.png", "segment", "photo-2.png", "--point", "1,1", "--object", "--point", "2,2", "--output", "photo.png")]
    [InlineData("mask.png", "segment", "photo.png", "--mask", "mask.png", "--output", "mask.png")]
    [InlineData("e.safetensors", "segment", "photo.png", "--point", "1,1", "--embedding", "e.safetensors", "--logits", "e.safetensors")]
    [InlineData("nano.safetensors", "segment", "photo.png", "--point", "1,1", "--json", "nano.safetensors")]
    [InlineData("photo.png", "everything", "photo.png", "--output", "photo.png")]
    [InlineData("photo.png", "everything", "photo.png", "--overlay", "photo.png")]
    [InlineData("data.json", "everything", "data.json", "--output", "out", "--json", "data.json")]
    [InlineData("photo.png", "everything", "data.json", "--output", "out", "--json", "photo.png")]
    [InlineData("data.json", "embed", "data.json", "--output", "out", "--json", "data.json")]
    [InlineData("data.json", "evaluate", "--data", "data.json", "--json", "data.json")]
    [InlineData("photo.png", "evaluate", "--data", "data.json", "--json", "photo.png")]
    [InlineData("nano.safetensors", "info", "nano.safetensors", "--json", "nano.safetensors")]
    [InlineData("nano.safetensors", "convert", "nano.safetensors", "nano.safetensors")]
    [InlineData("nano.safetensors", "convert", "nano.safetensors", "x.pt", "--json", "nano.safetensors")]
    [InlineData("log.csv", "plot", "log.csv", "--output", "x.svg", "--json", "log.csv")]
    [InlineData("data.json", "train", "--output", "run", "--data", "data.json=2", "--stages", "64x1x1", "--json", "data.json")]
    public void An_input_is_no_output(string input, params string[] args)
    {
        ImageFile.Write(_place["photo-2.png"], _place.Image);
        ImageFile.WriteMask(_place["mask.png"], new BinaryMask(90, 60));
        _place.Write("e.safetensors", "an embedding"u8);
        _place.Write("log.csv", "step,size,batch,loss\n1,64,1,2\n"u8);
        byte[] before = File.ReadAllBytes(_place[input]);
        string[] files = _place.Files;

        Shell.Outcome outcome = Run(args);

        Assert.Contains($"{_place[input]}: cannot be written (it is the input", outcome.Error, StringComparison.Ordinal);
        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.Equal(before, File.ReadAllBytes(_place[input]));
        Assert.Equal(files, _place.Files.Except(["run"]));
    }

    [Fact]
    public void A_link_to_an_input_is_no_output_either()
    {
        File.CreateSymbolicLink(_place["link.png"], _place.Photo);
        byte[] before = File.ReadAllBytes(_place.Photo);

        Run("segment", "photo.png", "--point", "1,1", "--output", "link.png")
            .Failed($"{_place["link.png"]}: cannot be written (it is the input {_place.Photo})");
        Run("segment", "link.png", "--point", "1,1", "--output", "photo.png")
            .Failed($"{_place.Photo}: cannot be written (it is the input {_place["link.png"]})");
        Assert.Equal(before, File.ReadAllBytes(_place.Photo));
    }

    [Theory]
    [InlineData("segment", "photo.png", "--point", "1,1", "--output", "m.png", "--overlay", "m.png")]
    [InlineData("everything", "photo.png", "--output", "m.png", "--json", "m.png")]
    public void Two_results_are_not_written_to_one_file(params string[] args)
    {
        Run(args).Failed($"{_place["m.png"]}: cannot be written (two results would be in it)");
        Assert.DoesNotContain("m.png", _place.Files);
    }

    [Fact]
    public void A_training_does_not_begin_with_what_it_replaces()
    {
        Directory.CreateDirectory(_place["run"]);
        File.Copy(_place.Model, _place["run/model.safetensors"]);
        byte[] before = File.ReadAllBytes(_place.Model);

        Run("train", "--output", "run", "--init", "run/model.safetensors", "--stages", "64x1x1")
            .Failed($"{_place["run/model.safetensors"]}: cannot be written (it is the input)");
        Assert.Equal(before, File.ReadAllBytes(_place["run/model.safetensors"]));
    }

    private Shell.Outcome Run(params string[] args)
    {
        string[] paths = [.. args.Select((arg, i) => i > 0 && IsPath(arg) ? _place[arg] : arg)];
        bool hasModel = args[0] is "segment" or "everything" or "embed" or "evaluate";
        return Shell.Run([.. paths, .. hasModel ? (string[])["--model", _place.Model] : []]);

        static bool IsPath(string arg) => !arg.StartsWith('-') && (arg.Contains('.') || arg is "out" or "run");
    }
}
