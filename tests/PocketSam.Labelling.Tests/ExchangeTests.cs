using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PocketSam.Tests;

namespace PocketSam.Labelling.Tests;

/// <summary>Data sets of others into a project and out of it.</summary>
public sealed class ExchangeTests : IDisposable
{
    /// <summary>Curves are polygons of 360 corners here, and labelme paints borders: less of the smallest shapes.</summary>
    private const double Slack = 0.02;

    private readonly Pictures _pictures = new();

    public void Dispose() => _pictures.Dispose();

    [Theory]
    [InlineData("coco", "pycocotools")]
    [InlineData("coco_cvat", "pycocotools")]
    [InlineData("coco_rle", "")]
    [InlineData("labelme", "middle")]
    [InlineData("labelme_windows", "middle")]
    [InlineData("cvat", "middle")]
    [InlineData("cvat_masks", "")]
    [InlineData("cvat_server", "middle")]
    [InlineData("yolo_seg", "middle")]
    [InlineData("label_studio", "middle")]
    [InlineData("label_studio_brush", "")]
    [InlineData("masks_objects", "")]
    [InlineData("masks_ids", "")]
    public async Task WhatToolsWriteGivesTheObjectsItMust(string folder, string rule)
    {
        string golden = GoldenFiles.Require("formats");
        JsonElement expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(golden, "expected.json"))).RootElement;
        JsonElement format = expected.GetProperty("formats").GetProperty(folder);
        foreach (string file in Directory.GetFiles(_pictures.Folder, "*.png"))
            File.Delete(file);
        Copy(Path.Combine(golden, "pictures"), _pictures.Folder);
        byte[] archive = Archive(Path.Combine(golden, folder), name => Path.GetFileName(name) != "json_min_one_task.json"
            && (Path.GetExtension(name) is not (".jpg" or ".JPG")));

        await using LabelService service = await LabelService.StartAsync(_pictures, options => options.Classes.Clear());
        await LabelService.Until(async () => (int)(await service.GetAsync("pictures"))["total"]! == 5);
        JsonObject imported = await LabelService.ReadAsync(await ImportAsync(service, archive), HttpStatusCode.OK);

        bool isStored = format.GetProperty("frame").GetString() == "stored";
        string compare = format.GetProperty("compare").GetString()!;
        int[] missing = [.. format.GetProperty("missing").EnumerateArray().Select(id => id.GetInt32())];
        var classes = (await service.GetAsync("project"))["classes"]!.AsArray().ToDictionary(c => (long)c!["id"]!, c => (string)c!["name"]!);
        int count = 0;
        foreach (JsonNode? listed in (await service.GetAsync("pictures"))["pictures"]!.AsArray())
        {
            JsonObject picture = await service.GetAsync($"pictures/{listed!["id"]}");
            JsonElement truth = expected.GetProperty("pictures").EnumerateArray()
                .Single(p => p.GetProperty("file").GetString() == (string)picture["name"]!);
            var found = picture["objects"]!.AsArray().Select(o => (
                Label: classes[(long)o!["classId"]!], Mask: JsonSerializer.Deserialize<Rle>(o["rle"]!.ToJsonString())!)).ToList();
            count += found.Count;
            if (format.GetProperty("absent_pictures").EnumerateArray().Any(name => name.GetString() == (string)picture["name"]!))
                continue;
            foreach (JsonElement thing in truth.GetProperty("objects").EnumerateArray())
            {
                int id = thing.GetProperty("id").GetInt32();
                if (missing.Contains(id) || (isStored && truth.GetProperty("orientation").GetInt32() != 1))
                    continue;
                Rle mask = Truth(thing, compare == "visible", isStored);
                var best = found.Where(f => f.Label == thing.GetProperty("class").GetString()).OrderByDescending(f => Rle.Iou(f.Mask, mask)).FirstOrDefault();
                Assert.True(best.Mask is not null, $"{picture["name"]}, object {id}: {imported}");
                found.Remove(best);
                JsonElement iou = format.GetProperty("objects").GetProperty($"{id}");
                double least = rule.Length == 0 || iou.ValueKind == JsonValueKind.Number ? 1 : iou.GetProperty("iou").GetProperty(rule).GetDouble() - Slack;
                Assert.True(Rle.Iou(best.Mask, mask) >= least, $"object {id}: {Rle.Iou(best.Mask, mask)} and not {least}");
            }
        }

        Assert.Equal(count, (int)imported["objects"]!);
        Assert.True(count > 0);

        // The same again adds nothing.
        JsonObject again = await LabelService.ReadAsync(await ImportAsync(service, archive), HttpStatusCode.OK);
        Assert.Equal(0, (int)again["objects"]!);
        Assert.Contains(again["skipped"]!.AsArray(), skipped => ((string)skipped!["why"]!).EndsWith("objects are there already", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("coco")]
    [InlineData("cvat")]
    [InlineData("labelstudio")]
    [InlineData("masks")]
    [InlineData("yolo")]
    [InlineData("labelme")]
    public async Task WhatIsExportedGivesTheSameMasksAgain(string format)
    {
        byte[] archive;
        string[] before;
        await using (LabelService service = await LabelService.StartAsync(_pictures))
        {
            await service.ChangeAsync(1, 0, LabelService.Add(Ring(), 1), LabelService.Add(LabelService.Mask(60, 20), 2));
            await service.ChangeAsync(3, 0, LabelService.Add(LabelService.Mask(5, 40), 2));
            await service.ChangeAsync(2, 0, """{"op":"state","state":"done"}""");
            before = await MasksAsync(service);
            archive = await service.Client.GetByteArrayAsync($"api/label/export?format={format}&split=0.5&seed=3");
        }

        foreach (string file in Directory.GetFiles(_pictures.Folder, "*.db*"))
            File.Delete(file);
        await using LabelService empty = await LabelService.StartAsync(_pictures);
        JsonObject imported = await LabelService.ReadAsync(await ImportAsync(empty, archive), HttpStatusCode.OK);
        string[] after = await MasksAsync(empty);
        if (format is "yolo" or "labelme")
        {
            // Outlines: a ring has no hole there.
            Assert.Equal(before.Length, after.Length);
            Assert.Equal(before[^1], after[^1]);
            return;
        }

        Assert.True(before.SequenceEqual(after), imported.ToString());
    }

    [Fact]
    public async Task AllFormatsAreWrittenWithPartsAndClassesInTheirOrder()
    {
        await using LabelService service = await LabelService.StartAsync(_pictures);
        for (int picture = 1; picture <= 3; picture++)
            await service.ChangeAsync(picture, 0, LabelService.Add(LabelService.Mask(picture), 2));
        foreach (string format in Exchange.ProjectExport.Formats)
        {
            using var archive = new ZipArchive(new MemoryStream(
                await service.Client.GetByteArrayAsync($"api/label/export?format={format}&split=0.5&seed=2&pictures=1")));
            string[] names = [.. archive.Entries.Select(entry => entry.FullName)];
            Assert.Contains(names, name => name.StartsWith("train/", StringComparison.Ordinal));
            Assert.Contains(names, name => name.StartsWith("val/", StringComparison.Ordinal));
            Assert.Equal(3, names.Count(name => name.Contains("/images/", StringComparison.Ordinal)));
            if (format == "yolo")
            {
                ZipArchiveEntry label = archive.Entries.First(entry => entry.FullName.Contains("/labels/", StringComparison.Ordinal));
                using var reader = new StreamReader(label.Open());
                Assert.StartsWith("1 ", await reader.ReadToEndAsync());
                using var yaml = new StreamReader(archive.GetEntry("data.yaml")!.Open());
                Assert.Equal("path: .\ntrain: train/images\nval: val/images\nnames:\n  0: \"cat\"\n  1: \"dog\"\n", await yaml.ReadToEndAsync());
            }
        }
    }

    [Fact]
    public void APictureStaysInItsPartWhenOthersAreAdded()
    {
        string[] names = [.. Enumerable.Range(0, 1000).Select(i => $"{i}.jpg")];
        int validation = names.Count(name => Exchange.ProjectExport.IsValidation(name, 0.1, 1));
        Assert.InRange(validation, 70, 130);
        Assert.All(names, name => Assert.False(Exchange.ProjectExport.IsValidation(name, 0, 1)));
        Assert.All(names, name => Assert.True(Exchange.ProjectExport.IsValidation(name, 1, 1)));
        Assert.Contains(names, name => Exchange.ProjectExport.IsValidation(name, 0.1, 1) != Exchange.ProjectExport.IsValidation(name, 0.1, 2));
    }

    [Fact]
    public async Task ACopyOfTheProjectIsAProject()
    {
        await using LabelService service = await LabelService.StartAsync(_pictures);
        await service.ChangeAsync(1, 0, LabelService.Add(LabelService.Mask()));
        string copy = _pictures["copy.db"];
        File.WriteAllBytes(copy, await service.Client.GetByteArrayAsync("api/label/export?format=project"));
        await using LabelService other = await LabelService.StartAsync(_pictures, options => options.Project = copy);
        Assert.Single((await other.GetAsync("pictures/1"))["objects"]!.AsArray());
    }

    [Fact]
    public async Task PicturesThatTheProjectHasNotAndOtherSizesAreSkippedAndTold()
    {
        await using LabelService service = await LabelService.StartAsync(_pictures);
        string coco = _pictures["other.json"];
        AnnotatedPicture Picture(string name, int width) => new(
            name, width, 60, [new Annotation(JsonSerializer.Deserialize<Rle>(LabelService.Mask(pictureWidth: width))!) { Label = "bird" }]);
        CocoWriter.Write(coco, [Picture("1.png", 90), Picture("2.png", 91), Picture("nowhere.png", 90)]);
        using var form = new MultipartFormDataContent { { new ByteArrayContent(File.ReadAllBytes(coco)), "files", "other.json" } };
        JsonObject imported = await LabelService.ReadAsync(await service.Client.PostAsync("api/label/import", form), HttpStatusCode.OK);
        Assert.Equal((1, 1, "bird"), ((int)imported["pictures"]!, (int)imported["objects"]!, (string)Assert.Single(imported["classesAdded"]!.AsArray())!));
        Assert.Contains(imported["skipped"]!.AsArray(), skipped => (string)skipped!["name"]! == "nowhere.png"
            && (string)skipped["why"]! == "the project has no such picture");
        Assert.Contains(imported["skipped"]!.AsArray(), skipped => ((string)skipped!["why"]!).Contains("another size", StringComparison.Ordinal));

        // It is one step of the history.
        JsonObject undone = await service.PostAsync("pictures/1/undo", """{"baseVersion":1}""");
        Assert.Empty(undone["objects"]!.AsArray());
    }

    [Theory]
    [InlineData("../out.json", "leads out|no name")]
    [InlineData("labels.json", "no data set that is known")]
    [InlineData("broken.zip", "the archive cannot be read")]
    public async Task WhatIsNoDataSetIsRefusedInOneLine(string name, string why)
    {
        await using LabelService service = await LabelService.StartAsync(_pictures);
        byte[] bytes = Encoding.UTF8.GetBytes("{}");
        using HttpResponseMessage response = name == "broken.zip"
            ? await ImportAsync(service, bytes)
            : await ImportAsync(service, ArchiveOf(name, bytes));
        JsonObject problem = await LabelService.ReadAsync(response, HttpStatusCode.UnprocessableEntity);
        Assert.Matches(why, (string)problem["detail"]!);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await service.Client.GetAsync("api/label/export?format=word")).StatusCode);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await service.Client.PostAsync("api/label/import", new StringContent("x"))).StatusCode);
    }

    private static Rle Truth(JsonElement thing, bool isVisible, bool isStored)
    {
        JsonElement owner = isVisible && thing.TryGetProperty("visible", out JsonElement visible) ? visible : thing;
        JsonElement rle = !isStored && owner.TryGetProperty("upright", out JsonElement upright)
            ? upright.TryGetProperty("rle", out JsonElement inner) ? inner : upright : owner.GetProperty("rle");
        return rle.Deserialize<Rle>()!;
    }

    private static async Task<HttpResponseMessage> ImportAsync(LabelService service, byte[] archive)
    {
        var content = new ByteArrayContent(archive);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/zip");
        return await service.Client.PostAsync("api/label/import", content);
    }

    private static async Task<string[]> MasksAsync(LabelService service)
    {
        List<string> masks = [];
        for (int picture = 1; picture <= 3; picture++)
        {
            masks.AddRange((await service.GetAsync($"pictures/{picture}"))["objects"]!.AsArray()
                .Select(o => $"{picture} {o!["classId"]} {o["rle"]!.ToJsonString()}").Order(StringComparer.Ordinal));
        }

        return [.. masks];
    }

    private static string Ring()
    {
        var mask = new BinaryMask(Pictures.Width, Pictures.Height);
        foreach (PixelBox side in new PixelBox[] { new(10, 10, 30, 10), new(10, 30, 30, 10), new(10, 20, 10, 10), new(30, 20, 10, 10) })
            mask.Fill(side);
        return JsonSerializer.Serialize(Rle.Encode(mask));
    }

    private static byte[] ArchiveOf(string name, byte[] bytes)
    {
        var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = archive.CreateEntry(name).Open();
            entry.Write(bytes);
        }

        return memory.ToArray();
    }

    private static byte[] Archive(string folder, Func<string, bool> isIn)
    {
        var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (string file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(isIn))
                archive.CreateEntryFromFile(file, Path.GetRelativePath(folder, file));
        }

        return memory.ToArray();
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.WriteAllBytes(target, File.ReadAllBytes(file));
        }
    }
}
