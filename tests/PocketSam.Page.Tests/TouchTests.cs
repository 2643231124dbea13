using Microsoft.Playwright;

namespace PocketSam.Page.Tests;

[Collection(PageCollection.Name)]
public class TouchTests(Chromium chromium, SharedService service)
{
    private static readonly BrowserNewContextOptions Phone = new()
    {
        ViewportSize = new ViewportSize { Width = 400, Height = 800 },
        HasTouch = true,
        IsMobile = true,
        DeviceScaleFactor = 2,
    };

    [Fact]
    public async Task Tap_Includes_TheSwitchExcludes_AndALongPressToo()
    {
        await using Visitor visitor = await OpenAsync();

        await TapAsync(visitor, 398, 144);
        await visitor.MaskAsync(candidates: 4);
        await Assertions.Expect(visitor.Page.Locator(".chip-include")).ToHaveCountAsync(1);

        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Exclude", Exact = true }).TapAsync();
        await TapAsync(visitor, 520, 60);
        await Assertions.Expect(visitor.Page.Locator(".chip-exclude")).ToHaveCountAsync(1);

        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Include", Exact = true }).TapAsync();
        ICDPSession fingers = await visitor.Page.Context.NewCDPSessionAsync(visitor.Page);
        (float x, float y) = await visitor.AtAsync(200, 60);
        await TouchAsync(fingers, "touchStart", (x, y));
        await Assertions.Expect(visitor.Page.Locator(".chip-exclude")).ToHaveCountAsync(2);
        await TouchAsync(fingers, "touchEnd");
        await Assertions.Expect(visitor.Chips).ToHaveCountAsync(3);
    }

    [Fact]
    public async Task Box_IsDrawnWithAFinger()
    {
        await using Visitor visitor = await OpenAsync();
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Box", Exact = true }).TapAsync();
        ICDPSession fingers = await visitor.Page.Context.NewCDPSessionAsync(visitor.Page);
        (float x0, float y0) = await visitor.AtAsync(310, 60);
        (float x1, float y1) = await visitor.AtAsync(480, 230);

        await TouchAsync(fingers, "touchStart", (x0, y0));
        await TouchAsync(fingers, "touchMove", ((x0 + x1) / 2, (y0 + y1) / 2));
        await TouchAsync(fingers, "touchMove", (x1, y1));
        await TouchAsync(fingers, "touchEnd");

        await Assertions.Expect(visitor.Page.Locator(".chip-box")).ToHaveCountAsync(1);
        await visitor.MaskAsync();
    }

    [Fact]
    public async Task Pinch_Zooms_ADragMoves_AndNoPointIsSet()
    {
        await using Visitor visitor = await OpenAsync();
        ICDPSession fingers = await visitor.Page.Context.NewCDPSessionAsync(visitor.Page);
        double before = await ScaleAsync(visitor);
        (float x, float y) = await visitor.AtAsync(320, 240);

        await TouchAsync(fingers, "touchStart", (x - 20, y));
        await TouchAsync(fingers, "touchStart", (x - 20, y), (x + 20, y));
        for (int spread = 30; spread <= 80; spread += 10)
            await TouchAsync(fingers, "touchMove", (x - spread, y), (x + spread, y));
        await TouchAsync(fingers, "touchEnd");
        await visitor.Page.WaitForFunctionAsync(
            "(least) => Number(document.querySelector('#surface').dataset.view.split(' ')[0]) > least", 2 * before);

        (float left, float top) = await visitor.AtAsync(320, 240);
        await TouchAsync(fingers, "touchStart", (left, top));
        await TouchAsync(fingers, "touchMove", (left + 25, top));
        await TouchAsync(fingers, "touchMove", (left + 50, top));
        await TouchAsync(fingers, "touchEnd");
        await visitor.Page.EvaluateAsync("() => new Promise(requestAnimationFrame)");
        Assert.Equal(left + 50, (await visitor.AtAsync(320, 240)).X, 1f);

        await Assertions.Expect(visitor.Chips).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData("Include", 0)]
    [InlineData("Move the photo", 1)]
    public async Task DoubleTap_Zooms_AndLeavesThePointsAsTheyWere(string tool, int points)
    {
        await using Visitor visitor = await OpenAsync();
        if (points > 0)
            await TapAsync(visitor, 520, 60);
        await Assertions.Expect(visitor.Chips).ToHaveCountAsync(points);
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = tool, Exact = true }).TapAsync();
        double before = await ScaleAsync(visitor);

        ICDPSession fingers = await visitor.Page.Context.NewCDPSessionAsync(visitor.Page);
        (float x, float y) = await visitor.AtAsync(398, 144);
        double now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;
        await TouchAsync(fingers, "touchStart", now, (x, y));
        await TouchAsync(fingers, "touchEnd", now + 0.05);
        await TouchAsync(fingers, "touchStart", now + 0.15, (x, y));
        await TouchAsync(fingers, "touchEnd", now + 0.20);

        await visitor.Page.WaitForFunctionAsync(
            "(least) => Number(document.querySelector('#surface').dataset.view.split(' ')[0]) > least", 2 * before);
        await Assertions.Expect(visitor.Chips).ToHaveCountAsync(points);
    }

    private async Task<Visitor> OpenAsync()
    {
        Visitor visitor = await chromium.VisitAsync(service.Url, new BrowserNewContextOptions(Phone));
        await visitor.ChooseSampleAsync("room.jpg");
        return visitor;
    }

    private static async Task TapAsync(Visitor visitor, int x, int y)
    {
        (float left, float top) = await visitor.AtAsync(x + 0.5, y + 0.5);
        await visitor.Page.Touchscreen.TapAsync(left, top);
    }

    private static Task<double> ScaleAsync(Visitor visitor)
        => visitor.Page.EvaluateAsync<double>("() => Number(document.querySelector('#surface').dataset.view.split(' ')[0])");

    private static Task TouchAsync(ICDPSession fingers, string type, params (float X, float Y)[] places)
        => TouchAsync(fingers, type, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0, places);

    /// <param name="fingers">The browser's own interface for input.</param>
    /// <param name="type">What the fingers do.</param>
    /// <param name="time">When they do it, in seconds since 1970; a busy machine may say it later.</param>
    /// <param name="places">Where they are.</param>
    private static Task TouchAsync(ICDPSession fingers, string type, double time, params (float X, float Y)[] places)
        => fingers.SendAsync("Input.dispatchTouchEvent", new Dictionary<string, object>
        {
            ["type"] = type,
            ["timestamp"] = time,
            ["touchPoints"] = places.Select((place, i) => new Dictionary<string, object> { ["x"] = place.X, ["y"] = place.Y, ["id"] = i }),
        });
}
