using Microsoft.Playwright;

namespace PocketSam.Page.Tests;

[Collection(PageCollection.Name)]
public class LayoutTests(Chromium chromium, SharedService service)
{
    [Theory]
    [InlineData(360, 640)]
    [InlineData(640, 360)]
    [InlineData(820, 1180)]
    public async Task NarrowPage_HasAllControlsInSight_AndDoesNotScrollSideways(int width, int height)
    {
        await using Visitor visitor = await chromium.VisitAsync(
            service.Url, new() { ViewportSize = new() { Width = width, Height = height } });
        await NothingSticksOutAsync(visitor);
        await visitor.ChooseSampleAsync("room.jpg");
        await visitor.ClickAsync(398, 144);
        await visitor.MaskAsync();
        await NothingSticksOutAsync(visitor);

        foreach (string control in (string[])["#export", "#theme", "#help", "[data-tool=exclude]", "[data-tool=box]", "#undo", "#zoom-in", "#fit"])
            await visitor.Page.Locator(control).ClickAsync(new() { Trial = true });
        await visitor.Page.Locator("#accept").ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Tab, new() { Name = "Objects" }).ClickAsync();
        await Assertions.Expect(visitor.Objects).ToBeVisibleAsync();
        await visitor.Page.GetByRole(AriaRole.Tab, new() { Name = "Everything" }).ClickAsync();
        await visitor.Page.Locator("#find").ClickAsync(new() { Trial = true });
        await NothingSticksOutAsync(visitor);
        await visitor.Page.Locator("#export").ClickAsync();
        await NothingSticksOutAsync(visitor);
    }

    [Fact]
    public async Task Theme_FollowsTheSystem_UntilOneIsChosen()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url, new() { ColorScheme = ColorScheme.Dark });
        Assert.True(await BrightnessAsync(visitor) < 60);

        await visitor.Page.Locator("#theme").ClickAsync();
        Assert.True(await BrightnessAsync(visitor) > 200);
        await visitor.Page.ReloadAsync();
        Assert.True(await BrightnessAsync(visitor) > 200);
        await visitor.Page.Keyboard.PressAsync("t");
        Assert.True(await BrightnessAsync(visitor) < 60);

        // Canvases are painted with what this says, so it is a colour, not a choice of two.
        Assert.Equal("rgb(59, 130, 246)", await visitor.Page.EvaluateAsync<string>(
            "() => getComputedStyle(document.querySelector('#surface')).getPropertyValue('--mark')"));
    }

    [Fact]
    public async Task Controls_HaveNames()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseSampleAsync("room.jpg");
        await visitor.ClickAsync(398, 144);
        await visitor.MaskAsync();
        await visitor.Page.Keyboard.PressAsync("Enter");
        await visitor.Page.Locator("#find").ClickAsync();

        string[] nameless = await visitor.Page.EvaluateAsync<string[]>(
            """
            () => [...document.querySelectorAll('button, input, select, progress, canvas, img')]
              .filter((control) => !control.closest('[aria-hidden=true]') && !control.hidden && control.type !== 'file'
                && control.alt !== '' && !control.ariaLabel && !control.labels?.length && !control.textContent.trim())
              .map((control) => control.outerHTML)
            """);

        Assert.Empty(nameless);
    }

    private static async Task NothingSticksOutAsync(Visitor visitor)
    {
        string[] wide = await visitor.Page.EvaluateAsync<string[]>(
            """
            () => [document.documentElement, document.body, document.querySelector('#panel')]
              .filter((part) => part.scrollWidth > part.clientWidth + 1)
              .map((part) => `${part.tagName} ${part.scrollWidth} > ${part.clientWidth}`)
            """);
        Assert.Empty(wide);
        Assert.Equal(visitor.Page.ViewportSize!.Width, await visitor.Page.EvaluateAsync<int>("() => innerWidth"));
    }

    private static Task<int> BrightnessAsync(Visitor visitor)
        => visitor.Page.EvaluateAsync<int>(
            """
            async () => {
              await new Promise(requestAnimationFrame);
              const color = getComputedStyle(document.querySelector('.header')).backgroundColor.match(/\d+/g).map(Number);
              return Math.round((color[0] + color[1] + color[2]) / 3);
            }
            """);
}
