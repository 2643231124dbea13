using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace PocketSam.Page.Tests;

/// <summary>A whole day's labelling in small: from a folder of pictures to a model that has learned from them.</summary>
[Collection(PageCollection.Name)]
public class LabelDayTests(Chromium chromium)
{
    private const int Pictures = 40, Imported = 36, Reviewed = 14;

    [Fact]
    public async Task FortyPictures_AreImportedCorrectedReviewedAndExported_AndTheModelLearnsFromThem()
    {
        Requirement.SkipWhenMissing(Chromium.Path is null, "Chromium is not installed");
        using var folder = new LabelFolder();
        folder.AddCards(Pictures);
        string file = folder.AddModel();
        using Service service = await Service.StartLabelAsync(folder.Path, 0, "--classes", "coin,ball", "--model", file);
        await using Visitor ann = await chromium.VisitAsync(service.Url);
        IPage page = ann.Page;
        await ann.SignInAsync("Ann");
        await Assertions.Expect(page.Locator("#picture-count")).ToHaveTextAsync("40");

        // What others have done comes in.
        await page.Keyboard.PressAsync("Control+o");
        await page.Locator("#import-files").SetInputFilesAsync(
            new FilePayload { Name = "cards.json", MimeType = "application/json", Buffer = LabelFolder.CocoOfCards(Imported) });
        await Assertions.Expect(page.Locator("#import-status")).ToContainTextAsync("72 objects on 36 pictures");
        await page.Keyboard.PressAsync("Escape");
        await ann.OpenPictureAsync("card 1.png");
        await Assertions.Expect(ann.Objects).ToHaveCountAsync(2);

        // It is corrected: an edge is rubbed out and painted again, a polygon is added and has another class by its key.
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("d");
        await page.Keyboard.PressAsync("x");
        await ann.PaintedAsync("masks", 49, 49);
        await ann.DragAsync((40, 57), (58, 57));
        await ann.SavedAsync();
        await ann.PaintedAsync("masks", 49, 49, expected: false);
        await page.Keyboard.PressAsync("b");
        await ann.DragAsync((46, 40), (52, 40));
        await ann.SavedAsync();
        await ann.PaintedAsync("masks", 49, 49);
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("g");
        foreach ((double x, double y) in ((double, double)[])[(90, 100), (118, 100), (118, 116), (90, 100)])
            await ann.ClickAsync(x, y);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(ann.Objects).ToHaveCountAsync(3);
        await ExpectClassAsync(ann, 2, "coin");
        await page.Keyboard.PressAsync("2");
        await ExpectClassAsync(ann, 2, "ball");
        await page.Keyboard.PressAsync("Delete");
        await Assertions.Expect(ann.Objects).ToHaveCountAsync(2);

        // What nobody has labelled yet: a ball by a click, a coin by a box.
        await FindAsync(ann, "card 37.png");
        await page.Keyboard.PressAsync("q");
        await page.Keyboard.PressAsync("2");
        (int ballX, int ballY, _) = LabelFolder.BallOf(37);
        await ann.ClickAsync(ballX, ballY);
        await ann.MaskAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(ann.Objects).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("r");
        await page.Keyboard.PressAsync("1");
        await page.Keyboard.PressAsync("Escape");
        (int coinX, int coinY, int radius) = LabelFolder.CoinOf(37);
        await ann.DragAsync((coinX - radius, coinY - radius), (coinX + radius + 1, coinY + radius + 1));
        await ann.MaskAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(ann.Objects).ToHaveCountAsync(2);
        await ann.SavedAsync();

        // Somebody else looks at it, and adds to it.
        await using (Visitor bob = await chromium.VisitAsync(service.Url))
        {
            await bob.SignInAsync("Bob");
            await FindAsync(bob, "card 37.png");
            await Assertions.Expect(page.Locator("#presence")).ToHaveTextAsync("Bob has it open");
            await bob.Page.Keyboard.PressAsync("Escape");
            await bob.Page.Keyboard.PressAsync("b");
            await bob.DragAsync((20, 110), (60, 110));
            await bob.SavedAsync();
            await Assertions.Expect(ann.Objects).ToHaveCountAsync(3);
            await bob.Page.Keyboard.PressAsync("Control+Enter");
            await bob.SavedAsync();
        }

        await Assertions.Expect(page.Locator("#presence")).ToBeHiddenAsync();

        // Masks that the model finds by itself; enough of them are stopped.
        await page.Locator("#propose").ClickAsync();
        await ProposedAsync(page);
        await FindAsync(ann, "card 1.png");
        await Assertions.Expect(page.Locator("#proposals")).Not.ToHaveAttributeAsync("data-count", "0");
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop Proposals" }).ClickAsync();
        await Assertions.Expect(page.Locator("#jobs .job")).ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("p");
        await Assertions.Expect(ann.Objects).ToHaveCountAsync(3);
        await page.Keyboard.PressAsync("Control+z");
        await Assertions.Expect(ann.Objects).ToHaveCountAsync(2);

        // One after the other is done.
        for (int i = 1; i <= Reviewed; i++)
        {
            await page.Keyboard.PressAsync("s");
            await Assertions.Expect(page.Locator("#photo-name")).ToHaveTextAsync($"card {i + 1}.png");
        }

        await ann.SavedAsync();
        await Assertions.Expect(page.Locator("#project-counts")).ToHaveTextAsync("15 of 40 done");
        await ImproveAsync(ann);

        // All of it goes out.
        await page.Keyboard.PressAsync("Control+s");
        await page.Locator("#export-format").SelectOptionAsync("coco");
        IDownload download = await page.RunAndWaitForDownloadAsync(() => page.Locator("#export-start").ClickAsync());
        using ZipArchive zip = ZipFile.OpenRead(await download.PathAsync());
        JsonElement[] parts = [.. zip.Entries.Where(entry => entry.Name.EndsWith(".json", StringComparison.Ordinal)).Select(entry =>
        {
            using Stream stream = entry.Open();
            return JsonDocument.Parse(stream).RootElement;
        })];
        Assert.Equal(Imported + 1, parts.Sum(part => part.GetProperty("images").GetArrayLength()));
        Assert.Equal((2 * Imported) + 3, parts.Sum(part => part.GetProperty("annotations").GetArrayLength()));
    }

    /// <summary>
    /// From the button to a decision. With so small an input the model shows a part of a coin first, and learns that another of its masks is
    /// meant.
    /// </summary>
    private static async Task ImproveAsync(Visitor ann)
    {
        IPage page = ann.Page;
        await page.RouteAsync("**/api/label/improve", route => route.ContinueAsync(new() { PostData = Encoding.UTF8.GetBytes("""{"minutes":0.25}""") }));
        await page.Locator("#improve").ClickAsync();
        ILocator status = page.Locator("#improve-status"), model = page.Locator("#improve-model");
        await Assertions.Expect(status).ToHaveTextAsync("15 pictures are done or checked; it learns from these.");
        await Assertions.Expect(model).ToHaveTextAsync(new Regex("small\\.safetensors$"));
        await page.Locator("#improve-start").ClickAsync();
        await Assertions.Expect(page.Locator("#improve-progress")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("#improve-result")).ToBeVisibleAsync(new() { Timeout = 300_000 });
        await Assertions.Expect(page.Locator("#improve-figures tr")).ToHaveCountAsync(3);
        await Assertions.Expect(page.Locator("#improve-examples figure").First).ToBeVisibleAsync();
        await Assertions.Expect(status).ToHaveTextAsync("Better on pictures that it did not learn from.");

        await page.Locator("#improve-accept").ClickAsync();
        await Assertions.Expect(status).ToHaveTextAsync("The improved model is in use.");
        await Assertions.Expect(model).ToHaveTextAsync(new Regex("improved\\.safetensors$"));
        await page.Locator("#improve-back").ClickAsync();
        await Assertions.Expect(status).ToHaveTextAsync("The model from before is in use.");
        await Assertions.Expect(model).ToHaveTextAsync(new Regex("small\\.safetensors$"));
        await Assertions.Expect(page.Locator("#improve-back")).ToBeHiddenAsync();
        await page.Keyboard.PressAsync("Escape");
        await ann.ReadyAsync();
    }

    /// <summary>At least one picture was looked at.</summary>
    private static Task ProposedAsync(IPage page)
        => Assertions.Expect(page.Locator("#jobs")).ToContainTextAsync(new Regex(@"Proposals [1-9]\d* of 40"), new() { Timeout = 60_000 });

    /// <summary>Opens a picture that the list need not show.</summary>
    private static async Task FindAsync(Visitor visitor, string name)
    {
        ILocator search = visitor.Page.Locator("#picture-search");
        await search.FillAsync(name);
        await visitor.OpenPictureAsync(name);
        await search.FillAsync("");
        await visitor.Page.Locator("#surface").FocusAsync();
    }

    private static Task ExpectClassAsync(Visitor visitor, int index, string name)
        => Assertions.Expect(visitor.Objects.Nth(index).Locator("select")).ToHaveValueAsync(name);
}
