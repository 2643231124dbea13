using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using SkiaSharp;

namespace PocketSam.Page.Tests;

/// <summary>Makes the pictures of the documents, where <c>POCKETSAM_SCREENSHOTS</c> names the folder to write them to.</summary>
[Collection(PageCollection.Name)]
public class ScreenshotTests(Chromium chromium, SharedService service)
{
    private const string FolderVariable = "POCKETSAM_SCREENSHOTS";
    private const int MaxBytes = 400_000;
    private const int MaxLabelBytes = 200_000;
    private const int Quality = 78;

    private static readonly (double X0, double Y0, double X1, double Y1, string Name)[] Boxes =
    [
        (75, 250, 255, 320, "bus"),
        (115, 120, 235, 260, "tree"),
        (365, 150, 520, 300, "house"),
    ];

    private static readonly (double X, double Y) Click = (90, 190);

    [Fact]
    public async Task Page_WithNamedObjects()
    {
        string? folder = Environment.GetEnvironmentVariable(FolderVariable);
        Assert.SkipWhen(string.IsNullOrEmpty(folder), $"{FolderVariable} names no folder");
        await using Visitor visitor = await chromium.VisitAsync(
            service.Url, new() { ViewportSize = new() { Width = 1200, Height = 720 } });
        await visitor.ChooseSampleAsync("street.jpg");
        foreach ((double x0, double y0, double x1, double y1, string name) in Boxes)
        {
            await visitor.DragAsync((x0, y0), (x1, y1));
            await visitor.MaskAsync();
            await visitor.Page.Locator("#draft-name").FillAsync(name);
            await visitor.Page.Locator("#accept").ClickAsync();
        }

        await visitor.Page.Locator("#draft-name").FillAsync("");
        await visitor.ClickAsync(Click.X, Click.Y);
        await visitor.MaskAsync(candidates: 4);
        await visitor.PaintedAsync("prompts", Click.X, Click.Y);

        byte[] picture = await visitor.Page.ScreenshotAsync();
        Assert.InRange(picture.Length, 1, MaxBytes);
        Directory.CreateDirectory(folder!);
        await File.WriteAllBytesAsync(Path.Combine(folder!, "page.png"), picture);
    }

    /// <summary>Photos in the public domain, with their masks as somebody imported them.</summary>
    [Fact]
    public async Task LabellingPage_WithCats()
    {
        string? folder = Environment.GetEnvironmentVariable(FolderVariable);
        Assert.SkipWhen(string.IsNullOrEmpty(folder), $"{FolderVariable} names no folder");
        string cats = Path.Combine(
            Environment.GetEnvironmentVariable("POCKETSAM_SHARED") ?? Path.Combine(Repository.Root, "..", "shared"), "data", "cats");
        Assert.SkipWhen(!Directory.Exists(cats), "shared/data lies neither beside the repository nor under POCKETSAM_SHARED");
        using var pictures = new LabelFolder();
        string[] photos = [.. Directory.EnumerateFiles(Path.Combine(cats, "images"), "val-*.jpg").Order().Take(12)];
        foreach (string photo in photos)
            File.Copy(photo, Path.Combine(pictures.Path, Path.GetFileName(photo)));
        using Service label = await Service.StartLabelAsync(pictures.Path, 0, "--classes", "cat,bowl");
        await using Visitor ann = await chromium.VisitAsync(
            label.Url, new() { ViewportSize = new() { Width = 1280, Height = 780 } });
        await ann.SignInAsync("Ann");
        await ann.Page.Locator("#import").ClickAsync();
        await ann.Page.Locator("#import-files").SetInputFilesAsync(
            new FilePayload { Name = "cats.json", MimeType = "application/json", Buffer = OnlyOf(Path.Combine(cats, "val.json"), photos) });
        await Assertions.Expect(ann.Page.Locator("#import-status")).ToContainTextAsync("objects on");
        await ann.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(ann.Objects).Not.ToHaveCountAsync(0); // The page has heard of the import.
        await ann.Page.Keyboard.PressAsync("s");
        await Assertions.Expect(ann.Page.Locator("#photo-name")).ToHaveTextAsync("val-0001.jpg");
        await ann.ReadyAsync();
        await ann.Page.Keyboard.PressAsync("d");
        await Assertions.Expect(ann.Page.Locator("#project-counts")).ToContainTextAsync("1 of");
        await ann.Page.EvaluateAsync("() => document.activeElement.blur()");
        await ann.Page.Mouse.MoveAsync(2, 2);
        await Task.Delay(1000);
        byte[] picture = await ann.Page.ScreenshotAsync();
        using SKBitmap pixels = SKBitmap.Decode(picture);
        using SKData small = pixels.Encode(SKEncodedImageFormat.Webp, Quality);
        Assert.InRange(small.Size, 1, MaxLabelBytes);
        Directory.CreateDirectory(folder!);
        await File.WriteAllBytesAsync(Path.Combine(folder!, "label-page.webp"), small.ToArray());
    }

    /// <summary>The part of a COCO file that is about some pictures, of one class.</summary>
    private static byte[] OnlyOf(string file, string[] photos)
    {
        JsonNode all = JsonNode.Parse(File.ReadAllBytes(file))!;
        HashSet<string> names = [.. photos.Select(photo => Path.GetFileName(photo)!)];
        var images = new JsonArray();
        HashSet<string> ids = [];
        foreach (JsonNode image in all["images"]!.AsArray().Select(node => node!.DeepClone()))
        {
            image["file_name"] = Path.GetFileName((string)image["file_name"]!);
            if (!names.Contains((string)image["file_name"]!))
                continue;
            images.Add(image);
            ids.Add(image["id"]!.ToJsonString());
        }

        all["images"] = images;
        all["annotations"] = new JsonArray([.. all["annotations"]!.AsArray()
            .Where(annotation => ids.Contains(annotation!["image_id"]!.ToJsonString())).Select(annotation => annotation!.DeepClone())]);
        all["categories"]!.AsArray()[0]!["name"] = "cat";
        return Encoding.UTF8.GetBytes(all.ToJsonString());
    }
}
