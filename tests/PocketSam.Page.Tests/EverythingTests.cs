using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace PocketSam.Page.Tests;

[Collection(PageCollection.Name)]
public partial class EverythingTests(Chromium chromium, SharedService service)
{
    [Fact]
    public async Task Everything_IsFound_Filtered_AndTaken()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseSampleAsync("room.jpg");
        await visitor.Page.Locator("#find").ClickAsync();
        await DoneAsync(visitor);
        (int all, int found) = await CountAsync(visitor);
        Assert.InRange(found, 5, 500);
        Assert.Equal(found, all);

        await visitor.Page.Locator("#filter-smallest").FillAsync("60");
        (int large, _) = await CountAsync(visitor);
        Assert.InRange(large, 1, found - 1);
        await visitor.Page.Locator("#filter-smallest").FillAsync("0");
        await visitor.Page.Locator("#filter-stability").FillAsync("99");
        (int stable, _) = await CountAsync(visitor);
        Assert.InRange(stable, 0, found - 1);
        await visitor.Page.Locator("#filter-stability").FillAsync("0");
        await visitor.Page.Locator("#filter-iou").FillAsync("100");
        Assert.Equal((0, found), await CountAsync(visitor));
        await visitor.Page.Locator("#filter-iou").FillAsync("0");

        (int x, int y) = await PlaceOfAMaskAsync(visitor);
        await visitor.ClickAsync(x, y);
        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(1);
        Assert.Equal((found - 1, found), await CountAsync(visitor));
        await visitor.Page.Keyboard.PressAsync("Control+z");
        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(0);
        Assert.Equal((found, found), await CountAsync(visitor));

        await visitor.Page.Locator("#take-all").ClickAsync();
        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(found);
    }

    [Fact]
    public async Task Masks_JoinTheSelectedObject_WithShift()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseSampleAsync("room.jpg");
        await visitor.ClickAsync(398, 144);
        await visitor.MaskAsync();
        await visitor.Page.Keyboard.PressAsync("Enter");
        await visitor.Page.Keyboard.PressAsync("w");
        await DoneAsync(visitor);
        (int before, _) = await CountAsync(visitor);
        string facts = await visitor.Page.Locator(".facts").InnerTextAsync();

        (int x, int y) = await PlaceOfAMaskAsync(visitor);
        await visitor.Page.Keyboard.DownAsync("Shift");
        await visitor.ClickAsync(x, y);
        await visitor.Page.Keyboard.UpAsync("Shift");

        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(1);
        Assert.Equal(before - 1, (await CountAsync(visitor)).Shown);
        await Assertions.Expect(visitor.Page.Locator(".facts")).Not.ToHaveTextAsync(facts);
    }

    [Fact]
    public async Task Everything_IsStopped()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseSampleAsync("clutter.jpg");
        await visitor.Page.Locator(".options summary").ClickAsync();
        await visitor.Page.Locator("#find-mode").SelectOptionAsync("dense");
        await visitor.Page.Locator("#find-grid").SelectOptionAsync("48");

        await visitor.Page.Locator("#find").ClickAsync();
        await Assertions.Expect(visitor.Page.Locator("#find-label")).ToHaveTextAsync("Stop");
        await visitor.Page.Locator("#find").ClickAsync();

        await Assertions.Expect(visitor.Page.Locator("#everything")).ToHaveAttributeAsync("data-phase", "stopped");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
        await visitor.ClickAsync(320, 240);
    }

    private static Task DoneAsync(Visitor visitor)
        => Assertions.Expect(visitor.Page.Locator("#everything")).ToHaveAttributeAsync("data-phase", "done", new() { Timeout = 60_000 });

    private static async Task<(int Shown, int Found)> CountAsync(Visitor visitor)
    {
        // The page tells its listeners of a change a moment after it.
        await visitor.Page.EvaluateAsync("() => new Promise((resolve) => setTimeout(resolve))");
        Match match = Counts().Match(await visitor.Page.Locator("#everything-count").InnerTextAsync());
        return (Number(match.Groups[1]), Number(match.Groups[2]));
    }

    private static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);

    /// <summary>A place where a mask of everything and no object is painted.</summary>
    private static async Task<(int X, int Y)> PlaceOfAMaskAsync(Visitor visitor)
    {
        for (int y = 440; y > 0; y -= 20)
        {
            if (await visitor.IsPaintedAsync("masks", 150, y))
                return (150, y);
        }

        throw new InvalidOperationException("no mask is painted");
    }

    [GeneratedRegex("([0-9]+) of ([0-9]+) shown")]
    private static partial Regex Counts();
}
