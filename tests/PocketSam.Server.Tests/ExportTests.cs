using System.IO.Compression;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using PocketSam.Imaging;
using PocketSam.Server.Api;

namespace PocketSam.Server.Tests;

/// <summary>Each format is made and holds the masks, their names and colours.</summary>
public sealed class ExportTests
{
    private const string Rle = """{"size":[60,90],"counts":[0,30,5370]}""";
    private const string Named = $$"""[{"name":"cat <1>","color":"#ff8000","rle":{{Rle}}},{"name":"dog","rle":{{Rle}}}]""";
    private const string One = $$"""[{"rle":{{Rle}}}]""";

    [Fact]
    public async Task TextsHoldNamesAndColours()
    {
        await using Service service = await Service.StartAsync();
        string id = (await service.UploadReadyAsync(query: "?name=street.jpg")).Id;

        JsonNode coco = JsonNode.Parse((await ExportAsync(service, id, "coco", Named, "street.json", "application/json")))!;
        Assert.Equal(["cat <1>", "dog"], coco["categories"]!.AsArray().Select(category => (string?)category!["name"]));
        Assert.Equal([1, 2], coco["annotations"]!.AsArray().Select(mask => (int)mask!["category_id"]!));
        Assert.Equal("street.jpg", (string?)coco["images"]![0]!["file_name"]);

        JsonNode labelMe = JsonNode.Parse(await ExportAsync(service, id, "labelme", Named, "street.json", "application/json"))!;
        Assert.Equal("dog", (string?)labelMe["shapes"]![1]!["label"]);

        JsonNode geo = JsonNode.Parse(await ExportAsync(service, id, "geojson", Named, "street.geojson", "application/geo+json"))!;
        Assert.Equal("dog", (string?)geo["features"]![1]!["properties"]!["label"]);
        Assert.Null(geo["features"]![1]!["properties"]!["predicted_iou"]);

        XDocument svg = XDocument.Parse(await ExportAsync(service, id, "svg", Named, "street.svg", "image/svg+xml"));
        XElement path = svg.Descendants().First(element => element.Name.LocalName == "path");
        Assert.Equal(("#ff8000", "cat <1>"), (path.Attribute("fill")!.Value, path.Value));
    }

    [Fact]
    public async Task YoloClassesComeWithTheirNames()
    {
        await using Service service = await Service.StartAsync();
        string id = (await service.UploadReadyAsync(query: "?name=street.jpg")).Id;
        using ZipArchive zip = await ZipAsync(service, id, "yolo", "street-yolo.zip");
        Assert.Equal(["street.txt", "classes.txt"], zip.Entries.Select(entry => entry.FullName));
        Assert.Equal("cat <1>\ndog\n", await ReadAsync(zip.Entries[1]));
        Assert.Contains("\n1 ", await ReadAsync(zip.Entries[0]));
    }

    /// <summary>Two pictures of different things: the names have the same numbers in both.</summary>
    [Fact]
    public async Task AListOfClassesNumbersTheNamesOfAllPictures()
    {
        await using Service service = await Service.StartAsync();
        string id = (await service.UploadReadyAsync(query: "?name=street.jpg")).Id;
        const string Classes = """["bird"," cat <1> ","dog","object"]""";
        foreach ((string objects, string[] numbers) in ((string, string[])[])[(Named, ["1", "2"]), ($$"""[{"name":" dog ","rle":{{Rle}}}]""", ["2"]), (One, ["3"])])
        {
            using var zip = new ZipArchive(new MemoryStream(
                await BytesAsync(service, id, "yolo", objects, "street-yolo.zip", "application/zip", Classes)));
            Assert.Equal("bird\ncat <1>\ndog\nobject\n", await ReadAsync(zip.Entries[1]));
            string[] lines = (await ReadAsync(zip.Entries[0])).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(numbers, lines.Select(line => line.Split(' ')[0]));
        }

        JsonNode coco = JsonNode.Parse(await BytesAsync(service, id, "coco", Named, "street.json", "application/json", Classes))!;
        Assert.Equal(["bird", "cat <1>", "dog", "object"], coco["categories"]!.AsArray().Select(category => (string?)category!["name"]));
        Assert.Equal([2, 3], coco["annotations"]!.AsArray().Select(mask => (int)mask!["category_id"]!));
    }

    [Theory]
    [InlineData("""["cat <1>"]""", Named, "object 1: 'dog' is not among the classes")]
    [InlineData("[]", Named, "object 0: 'cat <1>' is not among the classes")]
    [InlineData("""["dog"]""", One, "object 0: 'object' is not among the classes")]
    [InlineData("""["dog","cat <1>"," dog"]""", Named, "class 2: 'dog' is listed twice")]
    [InlineData("""["dog",null]""", Named, "class 1: a name has")]
    [InlineData("""["dog"," "]""", Named, "class 1: a name has")]
    [InlineData("""["a\nb"]""", Named, "class 0: a name has")]
    public async Task ClassesThatDoNotFitAreRefused(string classes, string objects, string detail)
    {
        await using Service service = await Service.StartAsync();
        ImageDocument image = await service.UploadReadyAsync();
        string json = $$"""{"format":"yolo","objects":{{objects}},"classes":{{classes}}}""";
        Assert.StartsWith(detail, await service.PostAsync($"{Service.Images}/{image.Id}/export", json).IsRefusedAsync(422, "invalid_export"));
    }

    [Fact]
    public async Task APictureCalledAsTheListOfClassesIsRefused()
    {
        await using Service service = await Service.StartAsync();
        string id = (await service.UploadReadyAsync(query: "?name=classes.jpg")).Id;
        Assert.StartsWith("a picture called classes.jpg has no yolo file of its own", await service.PostAsync(
            $"{Service.Images}/{id}/export", $$"""{"format":"yolo","objects":{{Named}}}""").IsRefusedAsync(422, "invalid_export"));
    }

    [Fact]
    public async Task OnePictureIsAPngAndSeveralAreAZip()
    {
        await using Service service = await Service.StartAsync();
        string id = (await service.UploadReadyAsync(query: "?name=street.jpg")).Id;
        byte[] mask = await BytesAsync(service, id, "mask", One, "street-mask.png", "image/png");
        Assert.Equal((90, 60), ImageFile.ReadSize(mask, "mask"));
        byte[] cutout = await BytesAsync(service, id, "cutout", One, "street-cutout.png", "image/png");
        RgbImage part = ImageFile.Decode(cutout, "cutout");
        Assert.Equal((1, 30), (part.Width, part.Height));
        foreach (string format in (string[])["mask", "cutout"])
        {
            using ZipArchive zip = await ZipAsync(service, id, format, $"street-{format}s.zip");
            Assert.Equal(
                [$"street-{format}-0000.png", $"street-{format}-0001.png"], zip.Entries.Select(entry => entry.FullName));
        }
    }

    [Theory]
    [InlineData("""{"format":"bmp","objects":[]}""", "invalid_export")]
    [InlineData("""{"format":"coco","objects":[]}""", "invalid_export")]
    [InlineData("""{"format":"coco","objects":[null]}""", "invalid_export")]
    [InlineData("""{"format":"coco","objects":[{"rle":{"size":[61,90],"counts":[5490]}}]}""", "invalid_export")]
    [InlineData("""{"format":"svg","objects":[{"color":"red","rle":{"size":[60,90],"counts":[0,30,5370]}}]}""", "invalid_export")]
    [InlineData("""{"format":"svg","objects":[{"name":"a\u0000b","rle":{"size":[60,90],"counts":[0,30,5370]}}]}""", "invalid_export")]
    [InlineData("""{"format":"geojson","objects":[{"predicted_iou":1e39,"rle":{"size":[60,90],"counts":[0,30,5370]}}]}""", "invalid_export")]
    [InlineData("""{"format":"coco","objects":[{"stability_score":-1e39,"rle":{"size":[60,90],"counts":[0,30,5370]}}]}""", "invalid_export")]
    [InlineData("""{"format":"cutout","objects":[{"rle":{"size":[60,90],"counts":[5400]}}]}""", "nothing_to_export")]
    public async Task WhatIsAskedWronglyIsRefused(string json, string code)
    {
        await using Service service = await Service.StartAsync();
        ImageDocument image = await service.UploadReadyAsync();
        await service.PostAsync($"{Service.Images}/{image.Id}/export", json).IsRefusedAsync(422, code);
    }

    [Fact]
    public async Task TheLimitIsKept()
    {
        await using Service service = await Service.StartAsync(options => options.MaxExportObjects = 1);
        ImageDocument image = await service.UploadReadyAsync();
        await service.PostAsync($"{Service.Images}/{image.Id}/export", $$"""{"format":"coco","objects":{{Named}}}""")
            .IsRefusedAsync(422, "invalid_export");
    }

    private static async Task<byte[]> BytesAsync(
        Service service, string id, string format, string objects, string name, string contentType, string classes = "null")
    {
        using HttpResponseMessage response = await service.PostAsync(
            $"{Service.Images}/{id}/export", $$"""{"format":"{{format}}","objects":{{objects}},"classes":{{classes}}}""");
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        Assert.Equal(contentType, response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("attachment", response.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Equal(name, response.Content.Headers.ContentDisposition?.FileNameStar);
        return await response.Content.ReadAsByteArrayAsync();
    }

    private static async Task<string> ExportAsync(
        Service service, string id, string format, string objects, string name, string contentType)
        => System.Text.Encoding.UTF8.GetString(await BytesAsync(service, id, format, objects, name, contentType));

    private static async Task<ZipArchive> ZipAsync(Service service, string id, string format, string name)
        => new(new MemoryStream(await BytesAsync(service, id, format, Named, name, "application/zip")));

    private static async Task<string> ReadAsync(ZipArchiveEntry entry)
    {
        using var reader = new StreamReader(entry.Open());
        return await reader.ReadToEndAsync();
    }
}
