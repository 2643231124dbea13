namespace PocketSam.Page.Tests;

/// <summary>Makes the pictures of the documents, where <c>POCKETSAM_SCREENSHOTS</c> names the folder to write them to.</summary>
[Collection(PageCollection.Name)]
public class ScreenshotTests(Chromium chromium, SharedService service)
{
    private const string FolderVariable = "POCKETSAM_SCREENSHOTS";
    private const int MaxBytes = 400_000;

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
        await visitor.MaskAsync(candidates: 3);
        await visitor.PaintedAsync("prompts", Click.X, Click.Y);

        byte[] picture = await visitor.Page.ScreenshotAsync();
        Assert.InRange(picture.Length, 1, MaxBytes);
        Directory.CreateDirectory(folder!);
        await File.WriteAllBytesAsync(Path.Combine(folder!, "page.png"), picture);
    }
}
