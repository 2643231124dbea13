using Microsoft.Playwright;

namespace PocketSam.Page.Tests;

[Collection(PageCollection.Name)]
public class KeyboardTests(Chromium chromium, SharedService service)
{
    [Fact]
    public async Task Object_IsMadeNamedAndExported_WithoutAMouse()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        IKeyboard keyboard = visitor.Page.Keyboard;
        await Assertions.Expect(visitor.Page.Locator(".sample")).ToHaveCountAsync(4);
        await visitor.Page.Locator(".sample").Filter(new() { HasText = "room" }).FocusAsync();
        await keyboard.PressAsync("Enter");
        await visitor.ReadyAsync();

        await visitor.Surface.FocusAsync();
        for (int i = 0; i < 8; i++)
            await keyboard.PressAsync("ArrowRight");
        for (int i = 0; i < 9; i++)
            await keyboard.PressAsync("ArrowUp");
        await keyboard.PressAsync("Shift+ArrowDown");
        await keyboard.PressAsync(" ");
        await Assertions.Expect(visitor.Page.Locator(".chip-include")).ToHaveCountAsync(1);
        await visitor.MaskAsync(candidates: 4);
        await keyboard.PressAsync("n");
        await keyboard.TypeAsync("clock");
        await keyboard.PressAsync("Enter");
        await Assertions.Expect(visitor.Page.GetByLabel("Name of clock")).ToHaveValueAsync("clock");
        await Assertions.Expect(visitor.Surface).ToBeFocusedAsync();

        await keyboard.PressAsync("r");
        await keyboard.PressAsync(" ");
        for (int i = 0; i < 6; i++)
            await keyboard.PressAsync("ArrowLeft");
        for (int i = 0; i < 6; i++)
            await keyboard.PressAsync("ArrowDown");
        await keyboard.PressAsync(" ");
        await Assertions.Expect(visitor.Page.Locator(".chip-box")).ToHaveCountAsync(1);
        await visitor.MaskAsync();
        await keyboard.PressAsync("Escape");
        await Assertions.Expect(visitor.Chips).ToHaveCountAsync(0);

        await keyboard.PressAsync("a");
        await keyboard.PressAsync("Delete");
        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(0);
        await keyboard.PressAsync("Control+z");
        await keyboard.PressAsync("Control+s");
        IDownload download = await visitor.Page.RunAndWaitForDownloadAsync(async () =>
        {
            await visitor.Page.GetByLabel("Download SVG").FocusAsync();
            await keyboard.PressAsync("Enter");
        });
        Assert.Equal("room.svg", download.SuggestedFilename);
    }

    [Fact]
    public async Task QuestionMark_ShowsTheKeys_AndTypingIsNoCommand()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseSampleAsync("room.jpg");

        await visitor.Page.Keyboard.PressAsync("?");
        ILocator help = visitor.Page.Locator("#help-dialog");
        await Assertions.Expect(help).ToBeVisibleAsync();
        await Assertions.Expect(help.GetByText("Accept the object")).ToBeVisibleAsync();
        await visitor.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(help).ToBeHiddenAsync();

        await visitor.Page.Locator("#draft-name").FocusAsync();
        await visitor.Page.Keyboard.TypeAsync("red?");
        await Assertions.Expect(help).ToBeHiddenAsync();
        await Assertions.Expect(visitor.Page.Locator(".tool-include")).ToHaveAttributeAsync("aria-pressed", "true");
        await Assertions.Expect(visitor.Page.Locator("#draft-name")).ToHaveValueAsync("red?");
    }
}
