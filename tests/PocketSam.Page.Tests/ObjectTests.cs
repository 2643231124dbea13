using Microsoft.Playwright;

namespace PocketSam.Page.Tests;

[Collection(PageCollection.Name)]
public class ObjectTests(Chromium chromium, SharedService service)
{
    [Fact]
    public async Task Object_IsNamedColouredHiddenEditedAndDeleted()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseSampleAsync("room.jpg");
        await visitor.ClickAsync(398, 144);
        await visitor.MaskAsync();
        await visitor.Page.Locator("#draft-name").FillAsync("clock");
        await visitor.Page.Locator("#draft-name").PressAsync("Enter");
        ILocator name = visitor.Page.GetByLabel("Name of clock");
        await Assertions.Expect(name).ToHaveValueAsync("clock");

        await name.FillAsync("wall clock");
        await visitor.Page.GetByLabel("Colour of wall clock").FillAsync("#ff0000");
        await visitor.PaintedAsync("masks", 398, 150);

        await visitor.Page.GetByLabel("Hide wall clock").ClickAsync();
        await visitor.PaintedAsync("masks", 398, 150, expected: false);
        await visitor.Page.GetByLabel("Show wall clock").ClickAsync();
        await visitor.PaintedAsync("masks", 398, 150);

        await visitor.Page.GetByLabel("Edit wall clock").ClickAsync();
        await Assertions.Expect(visitor.Chips).ToHaveTextAsync("398, 144");
        await visitor.PaintedAsync("masks", 398, 150, expected: false);
        await visitor.ClickAsync(300, 60, MouseButton.Right);
        await visitor.MaskAsync();
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(1);
        await visitor.PaintedAsync("masks", 398, 150);

        await visitor.Page.GetByLabel("Delete wall clock").ClickAsync();
        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(0);
        await visitor.Page.Keyboard.PressAsync("Control+z");
        await Assertions.Expect(visitor.Page.GetByLabel("Name of wall clock")).ToHaveValueAsync("wall clock");
    }

    [Fact]
    public async Task NamesInUse_AreGivenByNumbers_WithTheirColour()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseSampleAsync("room.jpg");
        await visitor.ClickAsync(398, 144);
        await visitor.MaskAsync();
        await visitor.Page.Locator("#draft-name").FillAsync("clock");
        await visitor.Page.Locator("#draft-name").PressAsync("Enter");
        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(1);

        await visitor.ClickAsync(300, 300);
        await visitor.MaskAsync();
        await visitor.Page.Locator("#draft-name").FillAsync("");
        await visitor.Surface.FocusAsync();
        await visitor.Page.Keyboard.PressAsync("1");
        await visitor.Page.Keyboard.PressAsync("f");

        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(2);
        ILocator names = visitor.Page.Locator(".object-name"), colours = visitor.Page.Locator(".object .swatch");
        await Assertions.Expect(names.Nth(1)).ToHaveValueAsync("clock");
        await Assertions.Expect(colours.Nth(1)).ToHaveValueAsync(await colours.Nth(0).InputValueAsync());
    }
}
