using System.Text.Json;
using PocketSam.Imaging;

namespace PocketSam.Cli.Tests;

/// <summary>Words on the command line: taught on three pictures of squares, asked for, measured, listed.</summary>
public sealed class TextTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Words_are_taught_listed_asked_for_and_measured()
    {
        string data = _place["squares.json"], taught = _place["taught.safetensors"], masks = _place["masks.json"];
        Write(data);
        Shell.Outcome outcome = Shell.Run(
            "train-words", _place.Model, taught, "--data", data, "--val", data, "--min-masks", "3", "--min-pictures", "2", "--min-pointing", "0").Succeeded();
        Assert.Contains("2 words from 4 pictures", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("pointing", Shell.Run("info", taught).Succeeded().Output, StringComparison.Ordinal);

        using JsonDocument report = JsonDocument.Parse(Shell.Run(
            "evaluate", "--data", data, "--model", taught, "--protocol", "words", "--json", "-").Succeeded().Output);
        Assert.Equal(4, report.RootElement.GetProperty("pictures").GetInt32());
        Assert.Equal(8, report.RootElement.GetProperty("questions").GetInt32());

        string picture = _place["p0.png"];
        Shell.Run("segment", picture, "--model", taught, "--text", "unicorn").Failed(
            "'unicorn' is none of the 2 words of this model: dark square, red square");
        using JsonDocument found = JsonDocument.Parse(Shell.Run(
            "everything", picture, "--model", taught, "--text", "red square, dark squares", "--output", masks, "--format", "coco", "--json", "-",
            "--pred-iou-thresh", "0", "--stability-score-thresh", "0").Succeeded().Output);
        Assert.Equal(2, found.RootElement.GetProperty("phrases").GetArrayLength());
        Assert.Equal(found.RootElement.GetProperty("masks").GetArrayLength(), CocoDataset.Load(masks, _place.Folder).Images[0].Annotations.Count);
    }

    [Fact]
    public void What_does_not_go_together_is_said()
    {
        string image = _place.Photo;
        Assert.Contains("knows no words", Shell.Run("segment", image, "--model", _place.Model, "--text", "cat").Error, StringComparison.Ordinal);
        Assert.Equal(2, Shell.Run("segment", image, "--model", _place.Model, "--text", "cat", "--point", "1,1").ExitCode);
        Assert.Equal(2, Shell.Run("segment", image, "--model", _place.Model, "--text", "cat,,dog").ExitCode);
        Assert.Equal(2, Shell.Run("everything", image, "--model", _place.Model, "--text-model", "tinyclip").ExitCode);
        Assert.Contains("'pocketsam pull tinyclip'", Shell.Run("segment", image, "--model", _place.Model, "--text", "cat", "--text-model", "tinyclip").Error, StringComparison.Ordinal);
        Assert.Contains("knows no words", Shell.Run("evaluate", "--data", NamedData(), "--model", _place.Model, "--protocol", "words").Error, StringComparison.Ordinal);
        Assert.Contains("is a CLIP", Shell.Run("segment", image, "--model", "tinyclip", "--point", "1,1").Error, StringComparison.Ordinal);
    }

    private string NamedData()
    {
        string path = _place["named.json"];
        Write(path);
        return path;
    }

    /// <summary>Four pictures, each with a red square and a dark one; every second annotation has its name from its category.</summary>
    private void Write(string path)
    {
        var images = new List<object>();
        var annotations = new List<object>();
        for (int i = 0; i < 4; i++)
        {
            var picture = new RgbImage(96, 64);
            Array.Fill(picture.Pixels, (byte)200);
            Fill(picture, 8 + 4 * i, 10, 24, (220, 20, 20));
            Fill(picture, 56, 20 + 2 * i, 28, (20, 20, 20));
            ImageFile.Write(_place[$"p{i}.png"], picture);
            images.Add(new { id = i + 1, file_name = $"p{i}.png", width = 96, height = 64 });
            annotations.Add(Square(2 * i + 1, i + 1, 1, 8 + 4 * i, 10, 24));
            annotations.Add(Square(2 * i + 2, i + 1, 2, 56, 20 + 2 * i, 28));
        }

        File.WriteAllText(path, JsonSerializer.Serialize(new
        {
            images, annotations, categories = new object[] { new { id = 1, name = "Red square" }, new { id = 2, name = "dark, square" } },
        }));

        static object Square(int id, int image, int category, int x, int y, int side) => new
        {
            id, image_id = image, category_id = category, iscrowd = 0, area = side * side, bbox = new[] { x, y, side, side },
            segmentation = new[] { new[] { x, y, x + side, y, x + side, y + side, x, y + side } },
        };

        static void Fill(RgbImage picture, int left, int top, int side, (byte Red, byte Green, byte Blue) colour)
        {
            for (int y = top; y < Math.Min(64, top + side); y++)
            {
                for (int x = left; x < left + side; x++)
                    (picture.Pixels[3 * (y * 96 + x)], picture.Pixels[3 * (y * 96 + x) + 1], picture.Pixels[3 * (y * 96 + x) + 2]) = colour;
            }
        }
    }
}
