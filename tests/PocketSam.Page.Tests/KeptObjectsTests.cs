using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace PocketSam.Page.Tests;

/// <summary>No accepted object is lost without a question.</summary>
[Collection(PageCollection.Name)]
public class KeptObjectsTests(Chromium chromium, SharedService service)
{
    private const string NoStorage = "Object.defineProperty(globalThis, 'indexedDB', { get() { throw new Error('no storage'); } });";

    /// <summary>News stay while a test does something else.</summary>
    private const string NoHurry =
        "const wait = setTimeout; globalThis.setTimeout = (run, time, ...rest) => wait(run, time > 5000 ? 60000 : time, ...rest);";

    [Fact]
    public async Task Objects_AreThereAgainAfterAReload()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseSampleAsync("room.jpg");
        await AcceptAsync(visitor, "clock");
        await visitor.KeptAsync(1);

        await visitor.Page.ReloadAsync();
        await visitor.ChooseAsync("another name.jpg", Photos.Sample("room.jpg"));

        await Assertions.Expect(visitor.Page.GetByLabel("Name of clock")).ToHaveValueAsync("clock");
        await Assertions.Expect(visitor.Page.Locator("#undo")).ToBeDisabledAsync();
        await visitor.PaintedAsync("masks", 398, 150);
        await visitor.Page.GetByLabel("Edit clock").ClickAsync();
        await Assertions.Expect(visitor.Chips).ToHaveTextAsync("398, 144");
        await visitor.Page.Locator("#clear").ClickAsync();

        await visitor.Page.GetByText("Remove it").ClickAsync();
        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(0);
        await visitor.KeptAsync(0);
    }

    [Fact]
    public async Task EveryOpenPhoto_IsFoundAgain_AfterAnExportToo()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        foreach (string name in (string[])["room.jpg", "street.jpg", "clutter.jpg"])
        {
            await visitor.ChooseSampleAsync(name);
            await AcceptAsync(visitor, name);
        }

        await visitor.ExportAsync("coco");
        await visitor.Page.Keyboard.PressAsync("Escape");
        foreach (string name in (string[])["room.jpg", "street.jpg", "clutter.jpg", "room.jpg"])
        {
            await visitor.Page.Locator("#photos").SelectOptionAsync(new SelectOptionValue { Label = name });
            await Assertions.Expect(visitor.Page.Locator("#photo-name")).ToHaveTextAsync(name);
            await Assertions.Expect(visitor.Objects).ToHaveCountAsync(1);
            await Assertions.Expect(visitor.Page.GetByLabel($"Name of {name}")).ToHaveValueAsync(name);
        }
    }

    [Fact]
    public async Task BackTo_LeadsToThePhotoThatItNames()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseSampleAsync("room.jpg");
        await AcceptAsync(visitor, "clock");
        await visitor.ChooseSampleAsync("street.jpg");
        await Assertions.Expect(visitor.Page.GetByText("Back to room.jpg")).ToBeVisibleAsync();
        await visitor.ChooseSampleAsync("clutter.jpg");
        await visitor.Page.GetByText("Back to room.jpg").ClickAsync();
        await Assertions.Expect(visitor.Page.Locator("#photo-name")).ToHaveTextAsync("room.jpg");
        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task APhotoThatIsOpen_IsShownRatherThanOpenedAnew()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseSampleAsync("room.jpg");
        await AcceptAsync(visitor, "clock");
        await visitor.ChooseSampleAsync("street.jpg");
        await visitor.ChooseSampleAsync("room.jpg");
        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(1);
        await Assertions.Expect(visitor.Page.Locator("#photos option")).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task TwoTabs_DoNotWriteOverEachOther()
    {
        await using Visitor one = await chromium.VisitAsync(service.Url);
        Visitor other = await one.OpenTabAsync();
        await one.ChooseSampleAsync("room.jpg");
        await other.ChooseSampleAsync("room.jpg");
        await AcceptAsync(one, "clock");
        await AcceptAsync(other, "table", (300, 300));
        await one.KeptAsync(2);

        await one.Page.ReloadAsync();
        await one.ChooseSampleAsync("room.jpg");
        await Assertions.Expect(one.Objects).ToHaveCountAsync(2);
        other.AssertSilent();
    }

    /// <summary>One tab begins with the objects of the other, which goes on.</summary>
    [Fact]
    public async Task TwoTabs_LoseNothingThatTheOtherHasNotSeen()
    {
        await using Visitor one = await chromium.VisitAsync(service.Url);
        await one.ChooseSampleAsync("room.jpg");
        await AcceptAsync(one, "clock");
        await one.KeptAsync(1);
        Visitor other = await one.OpenTabAsync();
        await other.ChooseSampleAsync("room.jpg");
        await Assertions.Expect(other.Objects).ToHaveCountAsync(1);
        await one.Page.BringToFrontAsync();
        await AcceptAsync(one, "table", (300, 300));
        await one.KeptAsync(2);
        await other.Page.BringToFrontAsync();
        await AcceptAsync(other, "lamp", (100, 100));
        await other.KeptAsync(4);

        await other.Page.ReloadAsync();
        await other.ChooseSampleAsync("room.jpg");
        await Assertions.Expect(other.Objects).ToHaveCountAsync(3);
        other.AssertSilent();
    }

    [Fact]
    public async Task RemoveThem_LeavesWhatCameLater()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseSampleAsync("room.jpg");
        await AcceptAsync(visitor, "clock");
        await visitor.KeptAsync(1);
        await visitor.Page.AddInitScriptAsync(NoHurry);
        await visitor.Page.ReloadAsync();
        await visitor.ChooseSampleAsync("room.jpg");
        await AcceptAsync(visitor, "table", (300, 300));

        await visitor.Page.GetByText("Remove it").ClickAsync();

        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(1);
        await Assertions.Expect(visitor.Page.GetByLabel("Name of table")).ToHaveValueAsync("table");
    }

    [Fact]
    public async Task WhereNothingIsKept_AQuestionComesBeforeALoss()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.Page.AddInitScriptAsync(NoStorage);
        await visitor.Page.ReloadAsync();
        await visitor.ChooseSampleAsync("room.jpg");
        await AcceptAsync(visitor, "clock");
        foreach (string name in (string[])["street.jpg", "clutter.jpg", "landscape.jpg"])
            await visitor.ChooseSampleAsync(name);
        var disc = new FilePayload { Name = "disc.jpg", MimeType = "image/jpeg", Buffer = Photos.DiscOnItsSide(200, 150, (100, 75, 30)) };

        await visitor.Page.Locator("#file").SetInputFilesAsync(disc);
        await Assertions.Expect(visitor.Page.Locator("#drop-text")).ToContainTextAsync("room.jpg has an object");
        await visitor.Page.GetByText("Keep them").ClickAsync();
        await Assertions.Expect(visitor.Page.Locator("#photo-name")).ToHaveTextAsync("landscape.jpg");
        await visitor.Page.Locator("#photos").SelectOptionAsync(new SelectOptionValue { Label = "room.jpg" });
        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(1);

        foreach (string name in (string[])["street.jpg", "clutter.jpg", "landscape.jpg"])
            await visitor.Page.Locator("#photos").SelectOptionAsync(new SelectOptionValue { Label = name });
        await visitor.Page.Locator("#file").SetInputFilesAsync(disc);
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Let them go" }).ClickAsync();
        await Assertions.Expect(visitor.Page.Locator("#photo-name")).ToHaveTextAsync("disc.jpg");
        await Assertions.Expect(visitor.Page.Locator("#photos option")).ToHaveCountAsync(4);
    }

    [Fact]
    public async Task Specks_AreRemovedUnlessTheyAreWanted()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseSampleAsync("room.jpg");
        Task<IRequest> PredictAsync(Func<Task> action)
            => visitor.Page.RunAndWaitForRequestAsync(action, new Regex("/predict$"), new() { Timeout = 20_000 });
        await visitor.Page.Locator("#hover-preview").UncheckAsync();
        IRequest cleaned = await PredictAsync(() => visitor.ClickAsync(398, 144));
        Assert.Contains("\"min_region\":0.01", cleaned.PostData);
        await visitor.MaskAsync();
        IRequest plain = await PredictAsync(() => visitor.Page.Locator("#clean-up").UncheckAsync());
        Assert.DoesNotContain("min_region", plain.PostData);
        await visitor.MaskAsync();
    }

    [Fact]
    public async Task ACloserLook_FollowsTheFirstMaskAndIsRemembered()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseSampleAsync("room.jpg");
        await visitor.Page.Locator("#hover-preview").UncheckAsync();
        await visitor.ClickAsync(398, 144);
        string first = await ScoresAsync();

        IRequest closer = await visitor.Page.RunAndWaitForRequestAsync(
            () => visitor.Page.Locator("#look-closer").CheckAsync(), request => request.PostData?.Contains("\"zoom\":true") == true, new() { Timeout = 20_000 });
        Assert.EndsWith("/predict", closer.Url);
        Assert.NotEqual(first, await ScoresAsync());

        await visitor.Page.Keyboard.PressAsync("c");
        await Assertions.Expect(visitor.Page.Locator("#look-closer")).Not.ToBeCheckedAsync();
        Assert.Equal(first, await ScoresAsync());
        await visitor.Page.Keyboard.PressAsync("c");
        await visitor.Page.ReloadAsync();
        await Assertions.Expect(visitor.Page.Locator("#look-closer")).ToBeCheckedAsync();

        async Task<string> ScoresAsync()
        {
            await visitor.MaskAsync();
            return string.Join(' ', await visitor.Candidates.EvaluateAllAsync<string[]>("all => all.map((one) => one.getAttribute('aria-label'))"));
        }
    }

    private static async Task AcceptAsync(Visitor visitor, string name, (int X, int Y)? at = null)
    {
        int before = await visitor.Objects.CountAsync();
        await visitor.ClickAsync(at?.X ?? 398, at?.Y ?? 144);
        await visitor.MaskAsync();
        await visitor.Page.Locator("#draft-name").FillAsync(name);
        await visitor.Page.Locator("#draft-name").PressAsync("Enter");
        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(before + 1);
    }
}
