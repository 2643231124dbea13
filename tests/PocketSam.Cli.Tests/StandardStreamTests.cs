using System.Text.Json;
using PocketSam.Imaging;

namespace PocketSam.Cli.Tests;

/// <summary>'-' is standard input and output, and standard output holds nothing but the one result.</summary>
public sealed class StandardStreamTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Mask_of_a_picture_from_standard_input_goes_to_standard_output()
    {
        Shell.Run("segment", _place.Photo, "--model", _place.Model, "--point", "40,30", "--output", _place["m.png"]).Succeeded();

        byte[] mask = Pipe("segment", "-", "--model", _place.Model, "--point", "40,30", "--output", "-");

        Assert.Equal(File.ReadAllBytes(_place["m.png"]), mask);
    }

    [Theory]
    [InlineData("coco")]
    [InlineData("json")]
    [InlineData("geojson")]
    public void Everything_goes_to_standard_output(string format)
    {
        byte[] written = Pipe("everything", "-", "--model", _place.Model, "--points-per-side", "4", "--format", format, "--output", "-");
        Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(written).RootElement.ValueKind);

        byte[] overlay = Pipe("everything", "-", "--model", _place.Model, "--points-per-side", "4", "--overlay", "-");
        Assert.Equal((90, 60), ImageFile.ReadSize(overlay, "overlay"));
    }

    [Theory]
    [InlineData("standard output takes one result: '-' is given twice", "--output", "-", "--json", "-")]
    [InlineData("standard output takes one mask, and there are several objects", "--object", "--point", "2,2", "--output", "-")]
    [InlineData("--logits writes a file", "--logits", "-")]
    public void What_does_not_fit_one_stream_is_wrong_usage(string message, params string[] args)
        => Shell.Run(["segment", _place.Photo, "--model", _place.Model, "--point", "1,1", .. args])
            .Failed($"{message}; see 'pocketsam segment --help'", 2);

    [Fact]
    public void Nothing_on_standard_input_is_told()
    {
        using StringWriter output = new(), error = new();
        var terminal = new Terminal(output, error, isInteractive: false, input: () => new MemoryStream());
        Assert.Equal(1, CommandLine.Run(
            ["segment", "-", "--model", _place.Model, "--point", "1,1"], terminal, CancellationToken.None));
        Assert.Equal($"pocketsam: standard input: is empty{Environment.NewLine}", error.ToString());
    }

    [Fact]
    public void Limit_of_pixels_can_be_set()
    {
        ImageFile.Write(_place["large.png"], new RgbImage(1200, 1000));
        Shell.Run("segment", _place["large.png"], "--model", _place.Model, "--point", "1,1", "--json", "-", "--max-megapixels", "1")
            .Failed($"{_place["large.png"]}: a 1.2-megapixel PNG (1200x1000); the limit is 1 megapixels");
    }

    [Fact]
    public void Progress_is_a_line_now_and_then_where_nobody_watches()
    {
        using StringWriter output = new(), error = new();
        var terminal = new Terminal(output, error, isInteractive: false, interval: TimeSpan.Zero);
        Assert.Equal(7, terminal.WithProgress("working", progress =>
        {
            progress.Report(0.25);
            return 7;
        }));
        Assert.Equal($"working: 25 %{Environment.NewLine}", error.ToString());
    }

    private byte[] Pipe(params string[] args)
    {
        using StringWriter output = new(), error = new();
        var written = new MemoryStream();
        var terminal = new Terminal(
            output, error, isInteractive: false, () => written, input: () => File.OpenRead(_place.Photo));
        int exitCode = CommandLine.Run(args, terminal, CancellationToken.None);
        Assert.Equal((0, "", ""), (exitCode, output.ToString(), error.ToString()));
        return written.ToArray();
    }
}
