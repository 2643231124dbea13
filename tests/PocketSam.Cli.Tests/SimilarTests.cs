using System.Text.Json;
using PocketSam.Imaging;

namespace PocketSam.Cli.Tests;

/// <summary>Counting what is like an example, with the default model on a made-up picture of discs.</summary>
public sealed class SimilarTests : IDisposable
{
    private static readonly (int X, int Y)[] Discs = [(60, 60), (160, 60), (260, 60), (60, 160), (160, 160), (260, 160)];

    private readonly Workplace _place = new();

    public SimilarTests()
    {
        Directory.CreateDirectory(_place["photos/more"]);
        ImageFile.Write(_place["discs.png"], Draw(Discs));
        ImageFile.Write(_place["photos/a.png"], Draw(Discs[..4]));
        ImageFile.Write(_place["photos/more/b,c.png"], Draw(Discs[..2]));
    }

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Counts_the_others_of_the_same_picture()
    {
        JsonElement report = JsonDocument.Parse(Shell.Run(
            "similar", _place["discs.png"], "--point", "60,60", "--model", "default", "--json", "-", "--output", _place["found.json"],
            "--label", "disc", "--overlay", _place["o.png"]).Succeeded().Output).RootElement;
        Assert.Equal(Discs.Length - 1, report.GetProperty("count").GetInt32());
        JsonElement picture = Assert.Single(report.GetProperty("images").EnumerateArray());
        float[] alike = [.. picture.GetProperty("masks").EnumerateArray().Select(mask => mask.GetProperty("similarity").GetSingle())];
        Assert.All(alike, value => Assert.InRange(value, SimilarObjects.DefaultThreshold, 1.0001f));
        CocoImage read = Assert.Single(CocoDataset.Load(_place["found.json"]).Images);
        Assert.Equal(Discs.Length, read.Annotations.Count);
        Assert.All(read.Annotations, annotation => Assert.Equal("disc", annotation.Label));
        Assert.Equal((320, 220), ImageFile.ReadSize(_place["o.png"]));
    }

    [Fact]
    public void Looks_in_other_pictures_and_writes_a_table()
    {
        string text = Shell.Run(
            "similar", _place["discs.png"], "--point", "60,60", "--model", "default", "--in", _place["photos"], "--recursive",
            "--counts", _place["counts.csv"], "--overlay", _place["drawn"]).Succeeded().Output;
        Assert.Contains("6 like the example", text);
        Assert.Equal(["picture,count", "a.png,4", "\"more/b,c.png\",2"], File.ReadAllLines(_place["counts.csv"]));
        Assert.True(File.Exists(_place["drawn/a.png.png"]));
        Assert.True(File.Exists(_place["drawn/more/b,c.png.png"]));
    }

    [Theory]
    [InlineData("nothing to look for", 1, "similar", "discs.png")]
    [InlineData("--threshold 2", 2, "similar", "discs.png", "--point", "60,60", "--threshold", "2")]
    [InlineData("standard output takes one picture", 2, "similar", "discs.png", "--point", "60,60", "--in", "photos", "--overlay", "-")]
    [InlineData("holds no picture", 1, "similar", "discs.png", "--point", "60,60", "--in", "photos/none")]
    [InlineData("discs.png: cannot", 1, "similar", "discs.png", "--point", "60,60", "--overlay", "discs.png")]
    public void Bad_input_gets_one_line_and_writes_nothing(string message, int exitCode, params string[] args)
    {
        Directory.CreateDirectory(_place["photos/none"]);
        byte[] before = File.ReadAllBytes(_place["discs.png"]);
        string[] placed = [.. args.Select(arg => arg.EndsWith(".png", StringComparison.Ordinal) || arg.StartsWith("photos", StringComparison.Ordinal) ? _place[arg] : arg)];
        string[] files = _place.Files;
        Shell.Outcome outcome = Shell.Run(placed);
        Assert.Contains(message, Assert.Single(outcome.Error.TrimEnd().Split('\n')));
        Assert.Equal(exitCode, outcome.ExitCode);
        Assert.Equal(files, _place.Files);
        Assert.Equal(before, File.ReadAllBytes(_place["discs.png"]));
    }

    private static RgbImage Draw(IEnumerable<(int X, int Y)> discs)
    {
        var image = new RgbImage(320, 220);
        image.Pixels.AsSpan().Fill(70);
        foreach ((int x, int y) in discs)
        {
            for (int py = y - 30; py <= y + 30; py++)
            {
                for (int px = x - 30; px <= x + 30; px++)
                {
                    if ((px - x) * (px - x) + (py - y) * (py - y) <= 900)
                    {
                        int at = 3 * (py * image.Width + px);
                        (image.Pixels[at], image.Pixels[at + 1], image.Pixels[at + 2]) = (230, 180, 60);
                    }
                }
            }
        }

        return image;
    }
}
