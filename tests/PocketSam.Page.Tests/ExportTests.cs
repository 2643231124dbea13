using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace PocketSam.Page.Tests;

[Collection(PageCollection.Name)]
public class ExportTests(Chromium chromium, SharedService service)
{
    private static readonly (int X, int Y, string Name)[] Things = [(398, 144, "clock"), (300, 300, "dog")];

    [Fact]
    public async Task Coco_HoldsTheObjects()
    {
        await using Visitor visitor = await OpenWithTwoObjectsAsync();

        JsonElement coco = await visitor.ExportJsonAsync("coco");

        JsonElement image = Assert.Single(coco.GetProperty("images").EnumerateArray());
        Assert.Equal("room.jpg", image.GetProperty("file_name").GetString());
        JsonElement[] annotations = [.. coco.GetProperty("annotations").EnumerateArray()];
        Assert.Equal(2, annotations.Length);
        foreach (JsonElement annotation in annotations)
        {
            Rle rle = annotation.GetProperty("segmentation").Deserialize<Rle>()!;
            Assert.Equal((640, 480), (rle.Width, rle.Height));
            Assert.InRange(rle.Area, 100, 640 * 480);
        }

        Assert.Equal(["clock", "dog"], coco.GetProperty("categories").EnumerateArray().Select(c => c.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task EveryFormat_IsDownloaded_WithANameOfThePhoto()
    {
        await using Visitor visitor = await OpenWithTwoObjectsAsync();
        foreach (string format in (string[])["cutout", "mask", "coco", "yolo", "labelme", "svg", "geojson"])
        {
            byte[] file = await visitor.ExportAsync(format);
            Assert.NotEmpty(file);
            await Assertions.Expect(visitor.Page.Locator("#export-status")).ToHaveTextAsync(new Regex($"^room.*\\.{Extension(format)} saved\\.$"));
        }
    }

    [Theory]
    [InlineData("yolo")]
    [InlineData("coco")]
    public async Task Classes_HaveTheSameNumbersInAllPhotos(string format)
    {
        await using Visitor visitor = await OpenWithTwoObjectsAsync();
        Assert.Equal([("clock", 0), ("dog", 1)], Classes(format, await visitor.ExportAsync(format)));
        await visitor.Page.Keyboard.PressAsync("Escape");
        await visitor.ChooseSampleAsync("street.jpg");
        foreach ((int x, int y, string name) in ((int, int, string)[])[(270, 170, "dog"), (100, 100, "")])
        {
            await visitor.ClickAsync(x, y);
            await visitor.MaskAsync();
            await visitor.Page.Locator("#draft-name").FillAsync(name);
            await visitor.Page.Locator("#accept").ClickAsync();
        }

        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(2);
        Assert.Equal([("dog", 1), ("object", 2)], Classes(format, await visitor.ExportAsync(format)));
        await visitor.KeptAsync(4);
        await visitor.Page.ReloadAsync();
        await visitor.ChooseSampleAsync("street.jpg");
        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(2);
        Assert.Equal([("dog", 1), ("object", 2)], Classes(format, await visitor.ExportAsync(format)));
    }

    [Fact]
    public async Task Cutout_IsCopied_AsAPictureOfTheObjectsBox()
    {
        await using Visitor visitor = await OpenWithTwoObjectsAsync();
        await visitor.Page.Locator("#export").ClickAsync();
        await visitor.Page.GetByLabel("The selected object").CheckAsync();

        await visitor.Page.GetByLabel("Copy Cut-out").ClickAsync();
        await Assertions.Expect(visitor.Page.Locator("#export-status")).ToHaveTextAsync("Cut-out copied.");

        byte[] png = await ClipboardPngAsync(visitor);
        (int width, int height) = (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)));
        Assert.InRange(width, 10, 639);
        Assert.InRange(height, 10, 479);
    }

    [Fact]
    public async Task Coco_IsCopied_AsText()
    {
        await using Visitor visitor = await OpenWithTwoObjectsAsync();
        await visitor.Page.Locator("#export").ClickAsync();

        await visitor.Page.GetByLabel("Copy COCO").ClickAsync();
        await Assertions.Expect(visitor.Page.Locator("#export-status")).ToHaveTextAsync("COCO copied.");

        string text = await visitor.Page.EvaluateAsync<string>("() => navigator.clipboard.readText()");
        Assert.Equal(2, JsonDocument.Parse(text).RootElement.GetProperty("annotations").GetArrayLength());
    }

    [Fact]
    public async Task MaskInWork_IsExported_WhereNothingIsAccepted()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseSampleAsync("room.jpg");
        await visitor.Page.Locator("#export").ClickAsync();
        await Assertions.Expect(visitor.Page.Locator("#export-status")).ToContainTextAsync("Nothing to export yet");
        await visitor.Page.Keyboard.PressAsync("Escape");
        await visitor.ClickAsync(398, 144);
        await visitor.MaskAsync();

        JsonElement coco = await visitor.ExportJsonAsync("coco");

        Assert.Equal(1, coco.GetProperty("annotations").GetArrayLength());
    }

    /// <summary>The class of each object, and its number from 0.</summary>
    private static (string Name, int Number)[] Classes(string format, byte[] file)
    {
        if (format == "coco")
        {
            JsonElement coco = JsonDocument.Parse(file).RootElement;
            string[] categories = [.. coco.GetProperty("categories").EnumerateArray().Select(category => category.GetProperty("name").GetString()!)];
            return [.. coco.GetProperty("annotations").EnumerateArray().Select(mask => mask.GetProperty("category_id").GetInt32() - 1)
                .Select(number => (categories[number], number))];
        }

        using var zip = new ZipArchive(new MemoryStream(file));
        string[][] lines = [.. zip.Entries.Select(entry =>
        {
            using var reader = new StreamReader(entry.Open());
            return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        })];
        return [.. lines[0].Select(line => int.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture)).Select(number => (lines[1][number], number))];
    }

    private static string Extension(string format) => format switch
    {
        "cutout" or "mask" or "yolo" => "zip",
        "coco" or "labelme" => "json",
        _ => format,
    };

    private async Task<Visitor> OpenWithTwoObjectsAsync()
    {
        Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseSampleAsync("room.jpg");
        foreach ((int x, int y, string name) in Things)
        {
            await visitor.ClickAsync(x, y);
            await visitor.MaskAsync();
            await visitor.Page.Locator("#draft-name").FillAsync(name);
            await visitor.Page.Locator("#accept").ClickAsync();
        }

        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(2);
        return visitor;
    }

    private static async Task<byte[]> ClipboardPngAsync(Visitor visitor)
        => Convert.FromBase64String(await visitor.Page.EvaluateAsync<string>(
            """
            async () => {
              const [item] = await navigator.clipboard.read();
              const bytes = new Uint8Array(await (await item.getType('image/png')).arrayBuffer());
              return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
            }
            """));
}
