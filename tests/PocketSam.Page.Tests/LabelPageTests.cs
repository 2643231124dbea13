using Microsoft.Playwright;

namespace PocketSam.Page.Tests;

/// <summary>Days at the labelling page.</summary>
[Collection(PageCollection.Name)]
public sealed class LabelPageTests : IDisposable
{
    private readonly Chromium _chromium;
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"pocketsam-label-{Guid.NewGuid():N}");

    public LabelPageTests(Chromium chromium)
    {
        _chromium = chromium;
        Directory.CreateDirectory(_folder);
        foreach (string name in (string[])["room.jpg", "street.jpg"])
            File.WriteAllBytes(Path.Combine(_folder, name), Photos.Sample(name));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task SmallDay_IsKeptOverAReload()
    {
        Requirement.SkipWhenMissing(Chromium.Path is null, "Chromium is not installed");
        using Service service = await Service.LabelAsync(_folder, arguments: ["--classes", "cup,house"]);
        await using Visitor visitor = await BeginAsync(service);
        IPage page = visitor.Page;
        ILocator rows = page.Locator("#objects-list .object");

        await visitor.ClickAsync(320, 240);
        await Assertions.Expect(page.Locator("#accept")).ToBeEnabledAsync(new() { Timeout = 60_000 });
        await page.Keyboard.PressAsync("2");
        await Assertions.Expect(rows).ToHaveCountAsync(1);
        await Assertions.Expect(rows.Locator("option:checked")).ToHaveTextAsync(["house"]);

        await page.Keyboard.PressAsync("r");
        await visitor.DragAsync((60, 60), (140, 90));
        await Assertions.Expect(rows).ToHaveCountAsync(2);
        await visitor.PaintedAsync("masks", 100, 75);
        await page.Keyboard.PressAsync("1");
        await Assertions.Expect(rows.Locator("option:checked")).ToHaveTextAsync(["house", "cup"]);
        await SavedAsync(page);

        await page.Keyboard.PressAsync("n");
        await Assertions.Expect(page.Locator("#picture-name")).ToHaveTextAsync("street.jpg");
        await Assertions.Expect(rows).ToHaveCountAsync(0);
        await page.Keyboard.PressAsync("Shift+N");
        await Assertions.Expect(page.Locator("#picture-name")).ToHaveTextAsync("room.jpg");
        await Assertions.Expect(rows).ToHaveCountAsync(2);

        await page.Keyboard.PressAsync("z");
        await Assertions.Expect(rows.Locator("option:checked")).ToHaveTextAsync(["house", "house"]);
        await page.Keyboard.PressAsync("z");
        await Assertions.Expect(rows).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("Control+Shift+Z");
        await Assertions.Expect(rows).ToHaveCountAsync(2);
        await page.Locator("#review [data-state=done]").ClickAsync();
        await Assertions.Expect(page.Locator("#progress")).ToHaveTextAsync("1 of 2 done");

        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("#picture-name")).ToHaveTextAsync("room.jpg");
        await Assertions.Expect(rows.Locator("option:checked")).ToHaveTextAsync(["house", "house"]);
        await Assertions.Expect(page.Locator("#review [data-state=done]")).ToHaveAttributeAsync("aria-pressed", "true");
        await visitor.PaintedAsync("masks", 100, 75);
    }

    [Fact]
    public async Task Changes_WaitForAServiceThatIsGone_OverAReload()
    {
        Requirement.SkipWhenMissing(Chromium.Path is null, "Chromium is not installed");
        using Service service = await Service.LabelAsync(_folder, arguments: ["--classes", "cup"]);
        await using Visitor visitor = await BeginAsync(service, requestsFail: true);
        IPage page = visitor.Page;
        ILocator rows = page.Locator("#objects-list .object");
        await page.Keyboard.PressAsync("r");

        service.Kill();
        await visitor.DragAsync((60, 60), (140, 90));
        await page.Keyboard.PressAsync("Escape");
        await visitor.DragAsync((60, 200), (140, 230));
        await Assertions.Expect(rows).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator("#saved-text")).ToHaveTextAsync("Not saved");

        using Service again = await Service.LabelAsync(_folder, service.Port);
        await page.ReloadAsync();
        await Assertions.Expect(rows).ToHaveCountAsync(2);
        await SavedAsync(page);
        await page.ReloadAsync();
        await Assertions.Expect(rows).ToHaveCountAsync(2);
    }

    private static Task SavedAsync(IPage page) => Assertions.Expect(page.Locator("#saved-text")).ToHaveTextAsync("Saved");

    private async Task<Visitor> BeginAsync(Service service, bool requestsFail = false)
    {
        Visitor visitor = await _chromium.VisitAsync(service.Url, requestsFail: requestsFail);
        await visitor.Page.Locator("#labeller").FillAsync("Ann");
        await visitor.Page.Locator("#name-dialog button").ClickAsync();
        await Assertions.Expect(visitor.Page.Locator("#picture-name")).ToHaveTextAsync("room.jpg");
        await Assertions.Expect(visitor.Surface).ToHaveAttributeAsync("data-view", new System.Text.RegularExpressions.Regex("."));
        return visitor;
    }
}
