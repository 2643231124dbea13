using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace PocketSam.Page.Tests;

/// <summary>Words typed on the page, understood by the default model.</summary>
[Collection(PageCollection.Name)]
public class WordTests(Chromium chromium, SharedService service)
{
    private const string Known = "tiger";

    [Fact]
    public async Task Words_AreFound_Listed_AndTakenByKeyboard()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseAsync("animal.jpg", Animal);
        await visitor.Page.Keyboard.PressAsync("/");
        await Assertions.Expect(Field(visitor)).ToBeFocusedAsync();
        await visitor.Page.Keyboard.TypeAsync(Word);
        await visitor.Page.Keyboard.PressAsync("Enter");
        await DoneAsync(visitor);
    }

    private static ILocator Field(Visitor visitor) => visitor.Page.Locator("#words-text");
}
