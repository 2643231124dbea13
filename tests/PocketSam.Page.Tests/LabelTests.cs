using System.IO.Compression;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using PocketSam.Imaging;

namespace PocketSam.Page.Tests;

/// <summary>The labelling page over <c>pocketsam label</c>.</summary>
[Collection(PageCollection.Name)]
public class LabelTests(Chromium chromium)
{
    private const string Classes = "--classes";

    /// <summary>For what the model computes in the background.</summary>
    private static readonly LocatorAssertionsToContainTextOptions Long = new() { Timeout = 60_000 };

    /// <summary>Masks are made in the browser, also while the service is away; what becomes of them waits for it.</summary>
    [Fact]
    public async Task Clicks_NeedNoService()
    {
        Requirement.SkipWhenMissing(Chromium.Path is null, "Chromium is not installed");
        using var folder = new LabelFolder("room.jpg");
        using Service service = await Service.StartLabelAsync(folder.Path, 0, Classes, "lamp");
        await using Visitor ann = await chromium.VisitAsync(service.Url, requestsFail: true);
        await ann.SignInAsync("Ann");
        await ann.DecodesAsync();
        service.Kill();
        await ann.ClickAsync(398, 144);
        await ann.MaskAsync();
        await ann.Page.Keyboard.PressAsync("1");
        await ann.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(ann.Objects).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Day_InSmall()
    {
        Requirement.SkipWhenMissing(Chromium.Path is null, "Chromium is not installed");
        using var folder = new LabelFolder("room.jpg", "street.jpg", "clutter.jpg");
        using Service service = await Service.StartLabelAsync(folder.Path, 0, Classes, "lamp,chair");
        await using Visitor ann = await chromium.VisitAsync(service.Url);
        IPage page = ann.Page;
        await ann.SignInAsync("Ann");
        await Assertions.Expect(page.Locator("#picture-count")).ToHaveTextAsync("3");

        await page.Keyboard.PressAsync("Control+o");
        await page.Locator("#import-files").SetInputFilesAsync(
            new FilePayload { Name = "room.json", MimeType = "application/json", Buffer = LabelFolder.CocoOfRoom("chair") });
        await Assertions.Expect(page.Locator("#import-status")).ToContainTextAsync("2 objects on 1 pictures");
        await page.Keyboard.PressAsync("Escape");
        await ann.OpenPictureAsync("room.jpg");
        await Assertions.Expect(ann.Objects).ToHaveCountAsync(2);

        // A click becomes an object of a class by its key.
        await page.Keyboard.PressAsync("1");
        await ann.ClickAsync(398, 144);
        await ann.MaskAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(ann.Objects).ToHaveCountAsync(3);
        await page.Keyboard.PressAsync("2");
        await ExpectClassAsync(ann, 2, "chair");
        await page.Keyboard.PressAsync("1");
        await ExpectClassAsync(ann, 2, "lamp");

        // An imported one is corrected with the eraser and the brush.
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("d");
        await page.Keyboard.PressAsync("x");
        await ann.PaintedAsync("masks", 150, 140);
        await ann.DragAsync((120, 140), (180, 140));
        await ann.SavedAsync();
        await ann.PaintedAsync("masks", 150, 140, expected: false);
        await page.Keyboard.PressAsync("b");
        await ann.DragAsync((40, 60), (80, 60));
        await ann.SavedAsync();
        await ann.PaintedAsync("masks", 60, 60);
        await page.Keyboard.PressAsync("u");
        await Assertions.Expect(ann.Objects).ToHaveCountAsync(4);
        await page.Keyboard.PressAsync("Control+z");
        await Assertions.Expect(ann.Objects).ToHaveCountAsync(3);

        // A polygon: three points, one on an edge, one moved.
        await page.Keyboard.PressAsync("g");
        foreach ((double x, double y) in ((double, double)[])[(500, 350), (600, 350), (600, 450)])
            await ann.ClickAsync(x, y);
        await ann.ClickAsync(500, 350);
        await ann.ClickAsync(550, 350);
        await ann.DragAsync((550.5, 350.5), (550, 320));
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(ann.Objects).ToHaveCountAsync(4);
        await ann.SavedAsync();
        await ann.PaintedAsync("masks", 553, 335);

        // Undo outlives a reload.
        await page.ReloadAsync();
        await ann.ReadyAsync();
        await Assertions.Expect(page.Locator("#photo-name")).ToHaveTextAsync("room.jpg");
        await Assertions.Expect(ann.Objects).ToHaveCountAsync(4);
        await page.Keyboard.PressAsync("Control+z");
        await Assertions.Expect(ann.Objects).ToHaveCountAsync(3);
        await page.Keyboard.PressAsync("Control+y");
        await Assertions.Expect(ann.Objects).ToHaveCountAsync(4);

        // Review, and on.
        await page.Keyboard.PressAsync("s");
        await Assertions.Expect(page.Locator("#photo-name")).Not.ToHaveTextAsync("room.jpg");
        await Assertions.Expect(page.Locator("#project-counts")).ToHaveTextAsync("1 of 3 done");
        await page.Keyboard.PressAsync("Control+Backspace");
        await page.Keyboard.TypeAsync("blurred");
        await page.Keyboard.PressAsync("Enter");
        await ann.SavedAsync();
        await page.Locator("#picture-state").SelectOptionAsync("rejected");
        await Assertions.Expect(page.Locator("#picture-count")).ToHaveTextAsync("1");
        await page.Locator("#picture-state").SelectOptionAsync("");

        await page.Keyboard.PressAsync("Control+s");
        await page.Locator("#export-format").SelectOptionAsync("coco");
        IDownload download = await page.RunAndWaitForDownloadAsync(() => page.Locator("#export-start").ClickAsync());
        using ZipArchive zip = ZipFile.OpenRead(await download.PathAsync());
        Assert.Contains(zip.Entries, entry => entry.Name.EndsWith(".json", StringComparison.Ordinal));
    }

    /// <summary>The pictures are made up: what the default model takes for persons in them are none.</summary>
    [Fact]
    public async Task Words_AreFoundOnAllPictures_AndAccepted()
    {
        Requirement.SkipWhenMissing(Chromium.Path is null, "Chromium is not installed");
        using var folder = new LabelFolder("landscape.jpg");
        File.WriteAllBytes(Path.Combine(folder.Path, "same.png"), ImageFile.EncodePng(ImageFile.Decode(Photos.Sample("landscape.jpg"), "landscape.jpg")));
        using Service service = await Service.StartLabelAsync(folder.Path, 0, Classes, "lamp");
        await using Visitor ann = await chromium.VisitAsync(service.Url);
        IPage page = ann.Page;
        ILocator status = page.Locator("#search-status");
        await ann.SignInAsync("Ann");
        await Assertions.Expect(page.Locator("#picture-count")).ToHaveTextAsync("2");
        await ann.OpenPictureAsync("landscape.jpg");

        await page.Keyboard.PressAsync("Control+/");
        await page.Keyboard.TypeAsync("person, tiger");
        await page.Locator("#words-scope").SelectOptionAsync("all");
        await page.Locator("#words-find").ClickAsync();
        await Assertions.Expect(page.Locator("#words-find-label")).ToHaveTextAsync("Stop");
        await Assertions.Expect(status).ToContainTextAsync(new Regex("^[0-9]+ found: [0-9]+ here, [0-9]+ on another picture\\. Nothing for “tiger”\\."), Long);
        await Assertions.Expect(page.Locator("#words-find-label")).ToHaveTextAsync("Find");

        // There is no class of that name, until it is added.
        await Assertions.Expect(status).ToContainTextAsync("There is no class “person”: those you accept become “lamp”.");
        await page.Locator("#search-class").ClickAsync();
        await Assertions.Expect(page.Locator("#search-class")).ToBeHiddenAsync();
        await Assertions.Expect(page.Locator("#proposal-guess")).ToHaveTextAsync(new Regex("^person [0-9]+ %$"));
        await page.Locator("#surface").FocusAsync();
        await page.Keyboard.PressAsync("p");
        await Assertions.Expect(ann.Objects).ToHaveCountAsync(1);
        await ExpectClassAsync(ann, 0, "person");
        await ann.SavedAsync();

        // What waits is shown again on a page that is opened anew, and what was accepted is not.
        string left = (await status.TextContentAsync())!;
        await page.ReloadAsync();
        await ann.ReadyAsync();
        await Assertions.Expect(ann.Objects).ToHaveCountAsync(1);
        await Assertions.Expect(status).ToHaveTextAsync(left);

        // One by one on the next picture, then all.
        await page.Locator("#search-next").ClickAsync();
        await Assertions.Expect(page.Locator("#photo-name")).ToHaveTextAsync("same.png");
        await ann.ReadyAsync();
        await Assertions.Expect(page.Locator("#proposal-accept")).ToBeEnabledAsync();
        await page.Keyboard.PressAsync("y");
        await page.SetViewportSizeAsync(360, 640);
        await page.Locator("[role=tab][data-for=proposals]").ClickAsync();
        await NothingSticksOutAsync(ann);
        await page.Locator("#words-list").EvaluateAsync("(list) => { list.open = true; }");
        await NothingSticksOutAsync(ann);
        foreach (string control in (string[])["#proposal-accept-all", "#proposal-dismiss", "#search-end", "#words-find"])
            await page.Locator(control).ClickAsync(new() { Trial = true });
        await page.SetViewportSizeAsync(1280, 720);
        await page.Locator("#proposal-accept-all").ClickAsync();
        await ann.SavedAsync();
        await Assertions.Expect(status).ToHaveTextAsync("All that was found is accepted or dismissed.");
        int accepted = await ann.Objects.CountAsync();
        await ann.OpenPictureAsync("landscape.jpg");
        await Assertions.Expect(ann.Objects).ToHaveCountAsync(accepted + 1);
        await ExpectClassAsync(ann, accepted, "person");
        await page.Locator("#search-end").ClickAsync();
        await Assertions.Expect(page.Locator("#search")).ToBeHiddenAsync();

    }

    [Fact]
    public async Task Words_ThatCannotBeFound_AreToldInOneLine()
    {
        Requirement.SkipWhenMissing(Chromium.Path is null, "Chromium is not installed");
        using var folder = new LabelFolder("landscape.jpg");
        using Service service = await Service.StartLabelAsync(folder.Path, 0, Classes, "lamp");
        await using Visitor ann = await chromium.VisitAsync(service.Url, requestsFail: true);
        IPage page = ann.Page;
        ILocator field = page.Locator("#words-text"), status = page.Locator("#words-status");
        await ann.SignInAsync("Ann");
        await LookAsync("unicorn");
        await Assertions.Expect(status).ToContainTextAsync(new Regex("^'unicorn' is none of the [0-9]+ words of this model: airbag, airplane"));
        await Assertions.Expect(field).ToHaveAttributeAsync("aria-invalid", "true");
        await LookAsync("");
        await Assertions.Expect(status).ToHaveTextAsync("Expected words with commas between them.");
        await LookAsync("tiger");
        await Assertions.Expect(status).ToContainTextAsync("Nothing found: no “tiger”", Long);
        await Assertions.Expect(field).ToHaveAttributeAsync("aria-invalid", "false");
        await Assertions.Expect(page.Locator("#search")).ToBeHiddenAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
        await LookAsync("person");
        await page.Locator("#words-find", new() { HasText = "Stop" }).ClickAsync();
        await Assertions.Expect(status).ToHaveTextAsync(new Regex("^Stopped"));

        // A model without words says so.
        await page.RouteAsync("**/api/v1/info", async route =>
        {
            IAPIResponse answer = await route.FetchAsync();
            string info = await answer.TextAsync();
            await route.FulfillAsync(new() { Response = answer, Body = info.Replace("\"text\":", "\"texts\":", StringComparison.Ordinal) });
        });
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("#words-none")).ToBeVisibleAsync();
        await Assertions.Expect(field).ToBeHiddenAsync();

        async Task LookAsync(string text)
        {
            await field.FillAsync(text);
            await field.PressAsync("Enter");
        }
    }

    [Fact]
    public async Task TwoPeople_SeeEachOther_AndChooseWhereBothChanged()
    {
        Requirement.SkipWhenMissing(Chromium.Path is null, "Chromium is not installed");
        using var folder = new LabelFolder("room.jpg");
        using Service service = await Service.StartLabelAsync(folder.Path, 0, Classes, "lamp,chair");
        await using Visitor ann = await chromium.VisitAsync(service.Url, requestsFail: true);
        await ann.SignInAsync("Ann");
        await ann.Page.Keyboard.PressAsync("b");
        await ann.DragAsync((100, 100), (200, 100));
        await ann.SavedAsync();
        await using Visitor bob = await chromium.VisitAsync(service.Url);
        await bob.SignInAsync("Bob");
        await Assertions.Expect(ann.Page.Locator("#presence")).ToHaveTextAsync("Bob has it open");
        await Assertions.Expect(bob.Page.Locator("#presence")).ToHaveTextAsync("Ann has it open");

        // Ann's change is on its way while Bob's arrives.
        var gate = new TaskCompletionSource();
        await ann.Page.RouteAsync("**/changes", async route =>
        {
            await gate.Task;
            await route.ContinueAsync();
        });
        await ann.Page.Keyboard.PressAsync("2");
        await bob.Page.Keyboard.PressAsync("d");
        await bob.Page.Keyboard.PressAsync("b");
        await bob.DragAsync((100, 200), (200, 200));
        await bob.SavedAsync();
        gate.SetResult();

        ILocator dialog = ann.Page.Locator("#conflict-dialog");
        await Assertions.Expect(dialog).ToContainTextAsync("Bob changed room.jpg too");
        await Assertions.Expect(dialog.Locator("input[value=theirs]")).ToBeCheckedAsync();
        await dialog.GetByText("Yours").ClickAsync();
        await dialog.GetByText("Go on with these").ClickAsync();
        await ann.SavedAsync();
        await ExpectClassAsync(ann, 0, "chair");
        await ann.PaintedAsync("masks", 150, 200, expected: false);
        await Assertions.Expect(bob.Page.Locator("#notices")).ToContainTextAsync("Ann changed this picture");
        await ExpectClassAsync(bob, 0, "chair");

        // What was chosen against is in the history.
        await ann.Page.Keyboard.PressAsync("Control+z");
        await ann.PaintedAsync("masks", 150, 200);
    }

    [Fact]
    public async Task PageAndService_AreKilledMidWork_AndNothingIsLost()
    {
        Requirement.SkipWhenMissing(Chromium.Path is null, "Chromium is not installed");
        using var folder = new LabelFolder("room.jpg");
        using Service first = await Service.StartLabelAsync(folder.Path, 0, Classes, "lamp,chair");
        await using Visitor ann = await chromium.VisitAsync(first.Url, requestsFail: true);
        await ann.SignInAsync("Ann");
        await ann.Page.Keyboard.PressAsync("b");
        await ann.DragAsync((100, 100), (200, 100));
        await ann.SavedAsync();

        first.Kill();
        await ann.Page.Keyboard.PressAsync("Escape");
        await ann.DragAsync((100, 200), (200, 200));
        await ann.Page.Keyboard.PressAsync("2");
        await Assertions.Expect(ann.Page.Locator("#saving-text")).ToHaveTextAsync("Not saved: the database is away, 2 changes kept here");
        await Assertions.Expect(ann.Objects).ToHaveCountAsync(2);
        await WaitingAsync(ann, 2);

        string url = ann.Page.Url;
        await ann.Page.CloseAsync();
        using Service second = await Service.StartLabelAsync(folder.Path, first.Port);
        Visitor again = await Visitor.OpenAsync(ann.Page.Context, url, requestsFail: true);
        await again.ReadyAsync();
        await again.SavedAsync();
        await Assertions.Expect(again.Objects).ToHaveCountAsync(2);
        await ExpectClassAsync(again, 1, "chair");
        await WaitingAsync(again, 0);
        await again.Page.Keyboard.PressAsync("Control+z");
        await ExpectClassAsync(again, 1, "lamp");
    }

    [Fact]
    public async Task ChangeWhoseAnswerIsLost_IsMadeOnce()
    {
        Requirement.SkipWhenMissing(Chromium.Path is null, "Chromium is not installed");
        using var folder = new LabelFolder("room.jpg");
        using Service service = await Service.StartLabelAsync(folder.Path, 0, Classes, "lamp");
        await using Visitor ann = await chromium.VisitAsync(service.Url, requestsFail: true);
        await ann.SignInAsync("Ann");
        bool isLost = false;
        await ann.Page.RouteAsync("**/changes", async route =>
        {
            if (isLost)
            {
                await route.ContinueAsync();
                return;
            }

            isLost = true;
            await route.FetchAsync();
            await route.AbortAsync();
        });

        await ann.Page.Keyboard.PressAsync("b");
        await ann.DragAsync((100, 100), (200, 100));
        await ann.SavedAsync();

        Assert.True(isLost);
        await Assertions.Expect(ann.Objects).ToHaveCountAsync(1);
        await Assertions.Expect(ann.Page.Locator("#conflict-dialog")).ToBeHiddenAsync();
        await ann.Page.ReloadAsync();
        await ann.ReadyAsync();
        await Assertions.Expect(ann.Objects).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task ManyPictures_AreFewElements_AndFoundByName()
    {
        Requirement.SkipWhenMissing(Chromium.Path is null, "Chromium is not installed");
        using var folder = new LabelFolder();
        folder.AddSmall(450);
        using Service service = await Service.StartLabelAsync(folder.Path);
        await using Visitor ann = await chromium.VisitAsync(service.Url);
        await ann.SignInAsync("Ann");
        IPage page = ann.Page;
        ILocator rows = page.Locator(".picture");
        await Assertions.Expect(page.Locator("#picture-count")).ToHaveTextAsync("450");
        await Assertions.Expect(rows.First).ToContainTextAsync("small 1.png");
        Assert.InRange(await rows.CountAsync(), 5, 40);

        await page.Locator("#picture-list").FocusAsync();
        await page.Keyboard.PressAsync("End");
        await Assertions.Expect(page.Locator("#picture-449")).ToContainTextAsync("small 450.png");
        Assert.InRange(await rows.CountAsync(), 5, 40);
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("#photo-name")).ToHaveTextAsync("small 450.png");

        await page.Keyboard.PressAsync("Home");
        await page.Locator("#surface").FocusAsync();
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("small 77");
        await Assertions.Expect(page.Locator("#picture-count")).ToHaveTextAsync("1");
        await Assertions.Expect(rows).ToHaveCountAsync(1);
        await Assertions.Expect(rows.First.Locator("img")).ToHaveAttributeAsync("src", new Regex("^blob:"));
    }

    [Theory]
    [InlineData(360, 640)]
    [InlineData(640, 360)]
    [InlineData(820, 1180)]
    public async Task NarrowPage_HasAllControlsInReach_AndDoesNotScrollSideways(int width, int height)
    {
        Requirement.SkipWhenMissing(Chromium.Path is null, "Chromium is not installed");
        using var folder = new LabelFolder("room.jpg", "street.jpg");
        using Service service = await Service.StartLabelAsync(folder.Path, 0, Classes, "lamp,chair");
        await using Visitor ann = await chromium.VisitAsync(
            service.Url, new() { ViewportSize = new() { Width = width, Height = height } });
        await ann.SignInAsync("Ann");
        await NothingSticksOutAsync(ann);
        await ann.ClickAsync(398, 144);
        await ann.MaskAsync();
        await NothingSticksOutAsync(ann);
        await ann.Page.Locator("#accept").ClickAsync();
        await ann.SavedAsync();

        foreach (string control in (string[])["#done-next", "#next", "[data-state=checked]", "[data-tool=brush]", "#undo", "#zoom-in", "#saving"])
            await ann.Page.Locator($"button{control}").ClickAsync(new() { Trial = true });
        foreach (string tab in (string[])["Objects", "Classes", "Proposals"])
        {
            if (await ann.Page.GetByRole(AriaRole.Tab).First.IsVisibleAsync())
                await ann.Page.GetByRole(AriaRole.Tab, new() { Name = tab }).ClickAsync();
            await NothingSticksOutAsync(ann);
        }

        await ann.Page.Locator("#show-pictures").ClickAsync();
        await Assertions.Expect(ann.Page.Locator(".picture").First).ToBeInViewportAsync();
        await ann.OpenPictureAsync("street.jpg");
        await NothingSticksOutAsync(ann);
    }

    [Fact]
    public async Task Controls_HaveNames_AndHelpListsTheKeys()
    {
        Requirement.SkipWhenMissing(Chromium.Path is null, "Chromium is not installed");
        using var folder = new LabelFolder("room.jpg");
        using Service service = await Service.StartLabelAsync(folder.Path, 0, Classes, "lamp");
        await using Visitor ann = await chromium.VisitAsync(service.Url);
        await ann.SignInAsync("Ann");
        await ann.ClickAsync(398, 144);
        await ann.MaskAsync();
        await ann.Page.Keyboard.PressAsync("Enter");
        await ann.SavedAsync();

        string[] nameless = await ann.Page.EvaluateAsync<string[]>(
            """
            () => [...document.querySelectorAll('button, input, select, progress, canvas, img, [role=listbox], [role=radiogroup]')]
              .filter((control) => !control.closest('[aria-hidden=true]') && !control.hidden && control.type !== 'file'
                && control.alt !== '' && !control.ariaLabel && !control.labels?.length && !control.textContent.trim())
              .map((control) => control.outerHTML)
            """);
        Assert.Empty(nameless);
        await ann.Page.Keyboard.PressAsync("?");
        await Assertions.Expect(ann.Page.Locator("#help-dialog").GetByText("Copy to the next picture")).ToBeVisibleAsync();
    }

    private static Task ExpectClassAsync(Visitor visitor, int index, string name)
        => Assertions.Expect(visitor.Objects.Nth(index).Locator("select")).ToHaveValueAsync(name);

    /// <summary>So many changes lie in the browser's storage.</summary>
    private static async Task WaitingAsync(Visitor visitor, int count)
    {
        const string Waiting =
            """
            () => new Promise((resolve, reject) => {
              const request = indexedDB.open('pocketsam.label', 1);
              request.onerror = () => reject(request.error);
              request.onsuccess = () => {
                const all = request.result.transaction('changes').objectStore('changes').count();
                all.onsuccess = () => {
                  request.result.close();
                  resolve(all.result);
                };
              };
            })
            """;
        for (int i = 0; i < 200 && await visitor.Page.EvaluateAsync<int>(Waiting) != count; i++)
            await Task.Delay(50);
        Assert.Equal(count, await visitor.Page.EvaluateAsync<int>(Waiting));
    }

    private static async Task NothingSticksOutAsync(Visitor visitor)
    {
        string[] wide = await visitor.Page.EvaluateAsync<string[]>(
            """
            () => ['html', 'body', '.header', '#panel', '#review', '#pictures'].map((name) => document.querySelector(name))
              .filter((part) => part.scrollWidth > part.clientWidth + 1)
              .map((part) => `${part.tagName} ${part.id} ${part.scrollWidth} > ${part.clientWidth}`)
            """);
        Assert.Empty(wide);
        Assert.Equal(visitor.Page.ViewportSize!.Width, await visitor.Page.EvaluateAsync<int>("() => innerWidth"));
    }
}
