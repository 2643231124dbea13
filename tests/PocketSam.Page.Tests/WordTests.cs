using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace PocketSam.Page.Tests;

/// <summary>Words typed on the page. The picture is made up: what the default model takes for persons in it are none.</summary>
[Collection(PageCollection.Name)]
public class WordTests(Chromium chromium, SharedService service)
{
    private const string Picture = "landscape.jpg", Found = "person", NotFound = "tiger";

    [Fact]
    public async Task Words_AreFound_Listed_AndTaken_WithTheKeyboardAlone()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseSampleAsync(Picture);
        await visitor.Page.Keyboard.PressAsync("/");
        await Assertions.Expect(Field(visitor)).ToBeFocusedAsync();
        await visitor.Page.Keyboard.TypeAsync($"{Found}, {NotFound}");
        await visitor.Page.Keyboard.PressAsync("Enter");
        await DoneAsync(visitor);

        await Assertions.Expect(Status(visitor)).ToHaveTextAsync(new Regex($"^[0-9]+ found, the surest first\\. Nothing for “{NotFound}”\\.$"));
        await Assertions.Expect(visitor.Page.Locator("#status")).ToContainTextAsync("found, the surest first");
        int found = await Chips(visitor).CountAsync();
        Assert.InRange(found, 1, 100);
        await Assertions.Expect(Chips(visitor).First).ToHaveTextAsync(new Regex($"^{Found}[0-9]+ %$"));
        await Assertions.Expect(visitor.Page.Locator("#everything-count")).ToHaveTextAsync($"{found} of {found} shown");

        await Chips(visitor).First.FocusAsync();
        await visitor.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(1);
        await Assertions.Expect(visitor.Page.Locator(".object-name")).ToHaveValueAsync(Found);
        await Assertions.Expect(Chips(visitor)).ToHaveCountAsync(found - 1);
        await Assertions.Expect(Chips(visitor).First).ToBeFocusedAsync();
        await visitor.Page.Locator("#take-all").PressAsync("Enter");
        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(found);
        await Assertions.Expect(Chips(visitor)).ToHaveCountAsync(0);
        Assert.Contains("\"person\"", System.Text.Encoding.UTF8.GetString(await visitor.ExportAsync("coco")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NothingFound_IsSaid()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseSampleAsync(Picture);
        await LookAsync(visitor, NotFound);
        await DoneAsync(visitor);
        await Assertions.Expect(Status(visitor)).ToContainTextAsync($"Nothing found: the photo shows no “{NotFound}”");
        await Assertions.Expect(visitor.Page.Locator("#status")).ToContainTextAsync("Nothing found");
        await Assertions.Expect(visitor.Page.Locator("#take-all")).ToBeHiddenAsync();
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task UnknownWords_AreAnsweredWithThoseThatAreKnown()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url, requestsFail: true);
        await visitor.ChooseSampleAsync(Picture);
        await LookAsync(visitor, "unicorn");
        await Assertions.Expect(Status(visitor)).ToContainTextAsync(new Regex("'unicorn' is none of the [0-9]+ words of this model: airbag, airplane"));
        await Assertions.Expect(Field(visitor)).ToHaveAttributeAsync("aria-invalid", "true");
        await LookAsync(visitor, "person,,");
        await Assertions.Expect(Status(visitor)).ToHaveTextAsync("Expected words with commas between them.");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);

        // Everything afterwards is everything again.
        await visitor.Page.Locator("#find").ClickAsync();
        await DoneAsync(visitor);
        await Assertions.Expect(Status(visitor)).ToHaveTextAsync("");
        await Assertions.Expect(Field(visitor)).ToHaveAttributeAsync("aria-invalid", "false");
        await Assertions.Expect(Chips(visitor)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Suggestions_GoOnAfterACommaAndTheListHasFigures()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.Page.Locator("#words-list summary").ClickAsync();
        await Assertions.Expect(visitor.Page.Locator("#words-list-rows tr").Filter(new() { HasText = Found })).ToHaveTextAsync(
            new Regex("person[0-9]+ of [0-9]+"));
        await Field(visitor).FillAsync($"{Found}, ");
        string[] values = await visitor.Page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('#words-known option')].map(({ value }) => value)");
        Assert.Contains($"{Found}, {NotFound}", values);
        Assert.DoesNotContain($"{Found}, {Found}", values);
        await Assertions.Expect(visitor.Page.Locator("#words-find")).ToBeDisabledAsync();
    }

    [Fact]
    public async Task Search_IsStopped()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseSampleAsync(Picture);

        // The answer does not come before it is stopped.
        var gate = new TaskCompletionSource();
        await visitor.Page.RouteAsync("**/find", async route =>
        {
            await gate.Task;
            await route.AbortAsync();
        });
        await LookAsync(visitor, Found);
        await Assertions.Expect(visitor.Page.Locator("#words-find-label")).ToHaveTextAsync("Stop");
        await Assertions.Expect(visitor.Page.Locator("#find")).ToBeDisabledAsync();
        await Assertions.Expect(visitor.Page.Locator("#find-progress")).ToBeVisibleAsync();
        await visitor.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(Status(visitor)).ToHaveTextAsync("Stopped.");
        await Assertions.Expect(visitor.Page.Locator("#find")).ToBeEnabledAsync();
        gate.SetResult();
    }

    [Fact]
    public async Task ModelWithoutWords_HasNoField()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.Page.RouteAsync("**/api/v1/info", async route =>
        {
            IAPIResponse answer = await route.FetchAsync();
            string info = await answer.TextAsync();
            await route.FulfillAsync(new() { Response = answer, Body = info.Replace("\"text\":", "\"texts\":", StringComparison.Ordinal) });
        });
        await visitor.Page.ReloadAsync();
        await visitor.ChooseSampleAsync(Picture);
        await Assertions.Expect(visitor.Page.Locator("#find")).ToBeEnabledAsync();
        await Assertions.Expect(Field(visitor)).ToBeHiddenAsync();
    }

    [Fact]
    public async Task NarrowPage_ShowsFieldAndAnswersWithoutScrollingSideways()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url, new() { ViewportSize = new() { Width = 360, Height = 640 } });
        await visitor.ChooseSampleAsync(Picture);
        await visitor.Page.Keyboard.PressAsync("/");
        await Assertions.Expect(Field(visitor)).ToBeFocusedAsync();
        await LookAsync(visitor, $"{Found}, {NotFound}");
        await DoneAsync(visitor);
        await Chips(visitor).First.ClickAsync(new() { Trial = true });
        await visitor.Page.Locator("#words-find").ClickAsync(new() { Trial = true });
        Assert.Empty(await visitor.Page.EvaluateAsync<string[]>(
            """
            () => [document.documentElement, document.body, ...document.querySelectorAll('#panel, #everything, #words')]
              .filter((part) => part.scrollWidth > part.clientWidth + 1).map(({ tagName, id }) => `${tagName} ${id}`)
            """));
    }

    private static async Task LookAsync(Visitor visitor, string text)
    {
        await Field(visitor).FillAsync(text);
        await Field(visitor).PressAsync("Enter");
    }

    private static Task DoneAsync(Visitor visitor)
        => Assertions.Expect(visitor.Page.Locator("#everything")).ToHaveAttributeAsync("data-phase", "done", new() { Timeout = 60_000 });

    private static ILocator Field(Visitor visitor) => visitor.Page.Locator("#words-text");

    private static ILocator Status(Visitor visitor) => visitor.Page.Locator("#words-status");

    private static ILocator Chips(Visitor visitor) => visitor.Page.Locator("#words-found .chip");
}
