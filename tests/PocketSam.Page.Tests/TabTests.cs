using Microsoft.Playwright;

namespace PocketSam.Page.Tests;

[Collection(PageCollection.Name)]
public class TabTests(Chromium chromium, SharedService service)
{
    [Fact]
    public async Task TwoTabs_DoNotKnowOfEachOther()
    {
        await using Visitor one = await chromium.VisitAsync(service.Url);
        Visitor other = await one.OpenTabAsync();
        await Task.WhenAll(one.ChooseSampleAsync("room.jpg"), other.ChooseSampleAsync("street.jpg"));

        await one.ClickAsync(398, 144);
        await other.ClickAsync(270, 170);
        await other.ClickAsync(100, 420, MouseButton.Right);
        await one.MaskAsync();
        await other.MaskAsync();
        await one.Page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(one.Objects).ToHaveCountAsync(1);
        await Assertions.Expect(other.Objects).ToHaveCountAsync(0);
        await Assertions.Expect(other.Chips).ToHaveCountAsync(2);
        await Assertions.Expect(one.Page.Locator("#photo-name")).ToHaveTextAsync("room.jpg");
        await Assertions.Expect(other.Page.Locator("#photo-name")).ToHaveTextAsync("street.jpg");
        other.AssertSilent();
    }
}
