using Microsoft.Playwright;

namespace PocketSam.Page.Tests;

[Collection(PageCollection.Name)]
public class RestartTests(Chromium chromium)
{
    /// <summary>Masks are the service's, as with models whose embeddings are too large for the page.</summary>
    private static readonly string[] Alone = ["--browser-embedding", "0"];

    [Fact]
    public async Task ServiceThatIsKilledAndStartedAgain_LosesNothing()
    {
        Requirement.SkipWhenMissing(Chromium.Path is null, "Chromium is not installed");
        using Service first = await Service.StartAsync(0, Alone);
        await using Visitor visitor = await chromium.VisitAsync(first.Url, requestsFail: true);
        await visitor.ChooseSampleAsync("room.jpg");
        await visitor.ClickAsync(300, 300);
        await visitor.MaskAsync();
        await visitor.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(1);
        await visitor.ClickAsync(398, 144);
        await visitor.MaskAsync(candidates: 4);

        first.Kill();
        await visitor.ClickAsync(450, 60, MouseButton.Right);
        ILocator lost = visitor.Page.Locator("#lost");
        await Assertions.Expect(lost).ToBeVisibleAsync();
        await Assertions.Expect(lost).ToContainTextAsync("Nothing is lost");
        await Assertions.Expect(visitor.Chips).ToHaveCountAsync(2);

        using Service second = await Service.StartAsync(first.Port, Alone);
        await visitor.ReadyAsync();
        await Assertions.Expect(lost).ToBeHiddenAsync();
        await visitor.MaskAsync();
        await visitor.PaintedAsync("prompts", 398, 146);
        await Assertions.Expect(visitor.Chips).ToHaveCountAsync(2);
        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(1);

        second.Kill();
        using Service third = await Service.StartAsync(first.Port, Alone);
        await visitor.ExportAsync("coco");
        await Assertions.Expect(visitor.Page.Locator("#export-status")).ToContainTextAsync("saved");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task ServiceThatAsksForAKey_IsGivenItOnce()
    {
        Requirement.SkipWhenMissing(Chromium.Path is null, "Chromium is not installed");
        using Service locked = await Service.StartAsync(0, "--api-key", "open sesame");
        await using Visitor visitor = await chromium.VisitAsync(locked.Url, requestsFail: true);

        await visitor.Page.Locator("#key-input").FillAsync("open sesame");
        await visitor.Page.GetByText("Go on").ClickAsync();

        await Assertions.Expect(visitor.Page.Locator(".sample img").First).ToHaveJSPropertyAsync("naturalWidth", 640);
        await visitor.ChooseSampleAsync("room.jpg");
        await visitor.ClickAsync(398, 144);
        await visitor.MaskAsync();
        await Assertions.Expect(visitor.Page.Locator("#key-dialog")).ToBeHiddenAsync();
    }
}
