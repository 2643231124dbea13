using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace PocketSam.Page.Tests;

/// <summary>A person at the page. At the end the browser's console must have been silent.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    /// <summary>Objects in the browser's storage, of all pictures.</summary>
    private const string KeptObjects =
        """
        () => new Promise((resolve, reject) => {
          const request = indexedDB.open('pocketsam', 1);
          request.onerror = () => reject(request.error);
          request.onupgradeneeded = () => request.transaction.abort();
          request.onsuccess = () => {
            const all = request.result.transaction('objects').objectStore('objects').getAll();
            all.onsuccess = () => {
              request.result.close();
              resolve(all.result.reduce((sum, record) => sum + record.objects.length, 0));
            };
          };
        })
        """;

    private readonly List<string> _complaints = [];

    private readonly bool _requestsFail;

    private Visitor(IPage page, bool requestsFail)
    {
        Page = page;
        _requestsFail = requestsFail;
        page.SetDefaultTimeout(30_000);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !IsExpected(message.Text))
                _complaints.Add($"{message.Type}: {message.Text} ({message.Location})");
        };
        page.PageError += (_, error) => _complaints.Add(error);
    }

    public IPage Page { get; }

    public ILocator Surface => Page.Locator("#surface");

    public ILocator Chips => Page.Locator("#draft-prompts .chip");

    public ILocator Candidates => Page.Locator("#candidates .candidate");

    public ILocator Objects => Page.Locator("#objects-list .object");

    /// <param name="context">The browser's profile.</param>
    /// <param name="url">The page.</param>
    /// <param name="requestsFail">
    /// The browser itself writes every failed request to the console, whatever the page does about it. Tests in which
    /// requests fail on purpose let these lines pass.
    /// </param>
    public static async Task<Visitor> OpenAsync(IBrowserContext context, string url, bool requestsFail = false)
    {
        var visitor = new Visitor(await context.NewPageAsync(), requestsFail);
        await visitor.Page.GotoAsync(url);
        return visitor;
    }

    public async Task<Visitor> OpenTabAsync() => await OpenAsync(Page.Context, Page.Url);

    /// <summary>Says who labels, and waits until the picture that opens first takes prompts.</summary>
    public async Task SignInAsync(string name)
    {
        await Page.Locator("#name-input").FillAsync(name);
        await Page.Keyboard.PressAsync("Enter");
        await ReadyAsync();
    }

    /// <summary>Opens a picture of the labelling project from the list; one that is open already is opened anew.</summary>
    public async Task OpenPictureAsync(string name)
    {
        await Page.Locator(".picture").Filter(new() { HasText = name }).ClickAsync();
        await Assertions.Expect(Surface).ToHaveAttributeAsync("aria-busy", "false");
        await Assertions.Expect(Page.Locator("#photo-name")).ToHaveTextAsync(name);
        await ReadyAsync();
    }

    /// <summary>The project has acknowledged all that was done.</summary>
    public Task SavedAsync() => Assertions.Expect(Page.Locator("#saving")).ToHaveAttributeAsync("data-phase", "saved");

    /// <summary>Gives the page a file through its file chooser and waits for its embedding.</summary>
    public async Task ChooseAsync(string name, byte[] file)
    {
        await Page.Locator("#file").SetInputFilesAsync(new FilePayload { Name = name, MimeType = "image/jpeg", Buffer = file });
        await Assertions.Expect(Page.Locator("#photo-name")).ToHaveTextAsync(name);
        await ReadyAsync();
    }

    public Task ChooseSampleAsync(string name) => ChooseAsync(name, Photos.Sample(name));

    /// <summary>Waits until the browser's storage has so many objects, those of all photos together.</summary>
    public async Task KeptAsync(int objects)
    {
        for (int i = 0; i < 200; i++)
        {
            if (await Page.EvaluateAsync<int>(KeptObjects) == objects)
                return;
            await Task.Delay(50);
        }

        Assert.Fail($"the browser keeps {await Page.EvaluateAsync<int>(KeptObjects)} objects, not {objects}");
    }

    public async Task ReadyAsync()
    {
        await Assertions.Expect(Page.Locator("#connection")).ToHaveAttributeAsync("data-phase", "ready", new() { Timeout = 60_000 });
        await Assertions.Expect(Surface).ToHaveAttributeAsync("data-view", new Regex("."));
    }

    /// <summary>
    /// Waits until prompts are answered in the browser. Skips the test where the build had no runtime for that.
    /// </summary>
    public async Task DecodesAsync()
    {
        bool isThere = await Page.EvaluateAsync<bool>("async () => Boolean((await (await fetch('api/v1/info')).json()).decoding?.runtime)");
        Assert.SkipWhen(!isThere, "there is no ONNX Runtime for browsers: 'make web' fetches it before the build");
        await Assertions.Expect(Page.Locator("#connection")).ToHaveAttributeAsync("data-masks", "here", new() { Timeout = 60_000 });
    }

    /// <summary>Where a place of the photo is on the screen.</summary>
    public async Task<(float X, float Y)> AtAsync(double x, double y)
    {
        double[] view = [.. (await Surface.GetAttributeAsync("data-view"))!.Split(' ').Select(
            number => double.Parse(number, CultureInfo.InvariantCulture))];
        LocatorBoundingBoxResult surface = (await Surface.BoundingBoxAsync())!;
        return ((float)(surface.X + view[1] + (x * view[0])), (float)(surface.Y + view[2] + (y * view[0])));
    }

    public async Task ClickAsync(double x, double y, MouseButton button = MouseButton.Left)
    {
        (float left, float top) = await AtAsync(x + 0.5, y + 0.5);
        await Page.Mouse.ClickAsync(left, top, new() { Button = button });
    }

    public async Task DragAsync((double X, double Y) from, (double X, double Y) to)
    {
        (float left, float top) = await AtAsync(from.X, from.Y);
        (float right, float bottom) = await AtAsync(to.X, to.Y);
        await Page.Mouse.MoveAsync(left, top);
        await Page.Mouse.DownAsync();
        await Page.Mouse.MoveAsync(right, bottom, new() { Steps = 4 });
        await Page.Mouse.UpAsync();
    }

    /// <summary>The candidates are there and are those of the prompts.</summary>
    public async Task MaskAsync(int? candidates = null)
    {
        await Assertions.Expect(Page.Locator("#candidates:not(.is-pending)")).ToBeVisibleAsync();
        if (candidates is { } count)
            await Assertions.Expect(Candidates).ToHaveCountAsync(count);
    }

    /// <summary>Whether the layer of the stage (<c>photo</c>, <c>masks</c> or <c>prompts</c>) is painted at a place of the photo.</summary>
    public async Task<bool> IsPaintedAsync(string layer, double x, double y)
    {
        (float left, float top) = await AtAsync(x + 0.5, y + 0.5);
        return await Page.EvaluateAsync<bool>(
            """
            ([layer, x, y]) => {
              const canvas = document.querySelector(`.layer-${layer}`);
              const bounds = canvas.getBoundingClientRect();
              const ratio = canvas.width / bounds.width;
              // Read from a copy: a canvas that is read from is moved out of the graphics processor.
              const copy = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
              copy.drawImage(canvas, Math.round((bounds.left - x) * ratio), Math.round((bounds.top - y) * ratio));
              return copy.getImageData(0, 0, 1, 1).data[3] > 0;
            }
            """,
            new object[] { layer, (double)left, (double)top });
    }

    public async Task PaintedAsync(string layer, double x, double y, bool expected = true)
    {
        for (int i = 0; i < 100; i++)
        {
            if (await IsPaintedAsync(layer, x, y) == expected)
                return;
            await Task.Delay(50);
        }

        Assert.Fail($"the layer '{layer}' at {x}, {y} is {(expected ? "not " : "")}painted");
    }

    /// <summary>Waits until the page has measured something so many times: what it shows is on the screen then.</summary>
    public async Task MeasuredAsync(string name, int times)
    {
        for (int i = 0; i < 100; i++)
        {
            if (await Page.EvaluateAsync<int>("(name) => performance.getEntriesByName(name).length", name) >= times)
                return;
            await Task.Delay(20);
        }

        Assert.Fail($"'{name}' was not measured {times} times");
    }

    /// <summary>Downloads a format from the export menu.</summary>
    public async Task<byte[]> ExportAsync(string format)
    {
        if (!await Page.Locator("#export-dialog").IsVisibleAsync())
            await Page.Locator("#export").ClickAsync();
        IDownload download = await Page.RunAndWaitForDownloadAsync(
            () => Page.Locator($"[data-format={format}] .download").ClickAsync());
        return await File.ReadAllBytesAsync(await download.PathAsync());
    }

    public async Task<JsonElement> ExportJsonAsync(string format)
        => JsonDocument.Parse(await ExportAsync(format)).RootElement;

    public async ValueTask DisposeAsync()
    {
        await Page.Context.CloseAsync();
        AssertSilent();
    }

    /// <summary>The browser has had nothing to complain of, violations of the content-security policy among it.</summary>
    public void AssertSilent() => Assert.True(_complaints.Count == 0, string.Join('\n', _complaints));

    private bool IsExpected(string text) => _requestsFail && text.StartsWith("Failed to load resource", StringComparison.Ordinal);
}
