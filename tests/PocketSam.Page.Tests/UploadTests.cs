using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace PocketSam.Page.Tests;

[Collection(PageCollection.Name)]
public class UploadTests(Chromium chromium, SharedService service)
{
    private const string MakeTransfer =
        """
        ([base64, name, type]) => {
          const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], name, { type }));
          return transfer;
        }
        """;

    [Fact]
    public async Task Drop_OfAPhoto_OpensIt()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        IJSHandle transfer = await TransferAsync(visitor, "room.jpg", "image/jpeg", Photos.Sample("room.jpg"));

        await visitor.Page.DispatchEventAsync("body", "dragenter", new { dataTransfer = transfer });
        await Assertions.Expect(visitor.Page.Locator(".drop-hint")).ToBeVisibleAsync();
        await visitor.Page.DispatchEventAsync("body", "drop", new { dataTransfer = transfer });

        await visitor.ReadyAsync();
        await Assertions.Expect(visitor.Page.Locator(".drop-hint")).ToBeHiddenAsync();
        await Assertions.Expect(visitor.Page.Locator("#photo-name")).ToHaveTextAsync("room.jpg");
        await Assertions.Expect(visitor.Page.Locator("#photo-size")).ToHaveTextAsync("640 × 480");
        await visitor.PaintedAsync("photo", 320, 240);
    }

    [Fact]
    public async Task Paste_OfAPhoto_OpensIt()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        IJSHandle transfer = await TransferAsync(visitor, "image.png", "image/png", Photos.Sample("street.jpg"));

        await transfer.EvaluateAsync(
            "(transfer) => document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true }))");

        await visitor.ReadyAsync();
        await Assertions.Expect(visitor.Page.Locator("#photo-name")).ToHaveTextAsync("image.png");
    }

    [Fact]
    public async Task Sample_IsShownAndOpens()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        ILocator samples = visitor.Page.Locator(".sample");
        await Assertions.Expect(samples).ToHaveCountAsync(4);

        await samples.Filter(new() { HasText = "street" }).ClickAsync();

        await visitor.ReadyAsync();
        await Assertions.Expect(visitor.Page.Locator("#photo-name")).ToHaveTextAsync("street.jpg");
        await Assertions.Expect(visitor.Page.Locator(".welcome")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task File_ThatIsNoPicture_IsRefusedInWords()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseSampleAsync("room.jpg");
        await visitor.ClickAsync(398, 144);
        await visitor.MaskAsync();

        await visitor.Page.Locator("#file").SetInputFilesAsync(
            new FilePayload { Name = "notes.txt", MimeType = "text/plain", Buffer = "no picture"u8.ToArray() });

        ILocator notice = visitor.Page.GetByRole(AriaRole.Alert);
        await Assertions.Expect(notice).ToContainTextAsync("notes.txt is not a picture");
        await Assertions.Expect(visitor.Chips).ToHaveCountAsync(1);
        await notice.GetByLabel("Dismiss").ClickAsync();
        await Assertions.Expect(notice).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData("orientation.webp", "29 × 37")]
    [InlineData("orientation.png", "29 × 37")]
    [InlineData("orientation-6.jpg", "16 × 24")]
    public async Task PictureOnItsSide_IsAsUprightAsTheServiceReadsIt(string name, string size)
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);

        await visitor.ChooseAsync(name, File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", name)));

        await Assertions.Expect(visitor.Page.Locator("#photo-size")).ToHaveTextAsync(size);
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task AnotherPhoto_KeepsTheWorkOnTheOneBefore()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseSampleAsync("room.jpg");
        await visitor.ClickAsync(398, 144);
        await visitor.MaskAsync();
        await visitor.Page.Locator("#accept").ClickAsync();

        await visitor.ChooseSampleAsync("street.jpg");
        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(0);
        await visitor.Page.GetByText("Back to room.jpg").ClickAsync();

        await Assertions.Expect(visitor.Objects).ToHaveCountAsync(1);
        await Assertions.Expect(visitor.Page.Locator("#photo-name")).ToHaveTextAsync("room.jpg");
        await visitor.PaintedAsync("masks", 398, 144);
    }

    /// <summary>A photo that is open is looked up by its bytes, which may take longer to come than those of the next one.</summary>
    [Fact]
    public async Task Photo_ThatWasChosenLast_IsTheOneThatIsShown()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseSampleAsync("room.jpg");
        await visitor.ChooseSampleAsync("street.jpg");
        await visitor.Page.EvaluateAsync(
            """
            (size) => {
              const read = Blob.prototype.arrayBuffer;
              Blob.prototype.arrayBuffer = async function () {
                const bytes = await read.call(this);
                if (this.size === size) await new Promise((resolve) => (globalThis.release = resolve));
                return bytes;
              };
            }
            """,
            Photos.Sample("room.jpg").Length);
        await visitor.Page.Locator("#file").SetInputFilesAsync(
            new FilePayload { Name = "room.jpg", MimeType = "image/jpeg", Buffer = Photos.Sample("room.jpg") });
        await visitor.Page.WaitForFunctionAsync("() => globalThis.release");
        await visitor.ChooseSampleAsync("clutter.jpg");

        await visitor.Page.EvaluateAsync("() => new Promise((resolve) => { release(); setTimeout(resolve, 200); })");

        await Assertions.Expect(visitor.Page.Locator("#photo-name")).ToHaveTextAsync("clutter.jpg");
    }

    /// <summary>Bitmaps are large, and the collector does not know.</summary>
    [Fact]
    public async Task Bitmaps_ThatAreNotShown_AreClosed()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.Page.RouteAsync("**/api/v1/info", async route =>
        {
            IAPIResponse response = await route.FetchAsync();
            string info = Regex.Replace(await response.TextAsync(), "\"max_pixels\":\\d+", "\"max_pixels\":400000");
            await route.FulfillAsync(new() { Response = response, Body = info });
        });
        await visitor.Page.AddInitScriptAsync(
            """
            globalThis.bitmaps = new Set();
            const noting = (make) => async function (...rest) {
              const bitmap = await make.apply(this, rest);
              bitmaps.add(bitmap);
              return bitmap;
            };
            globalThis.createImageBitmap = noting(createImageBitmap);
            const transfer = OffscreenCanvas.prototype.transferToImageBitmap;
            OffscreenCanvas.prototype.transferToImageBitmap = function () {
              const bitmap = transfer.call(this);
              bitmaps.add(bitmap);
              return bitmap;
            };
            const close = ImageBitmap.prototype.close;
            ImageBitmap.prototype.close = function () {
              bitmaps.delete(this);
              close.call(this);
            };
            """);
        await visitor.Page.ReloadAsync();
        async Task<int> OpenAsync() => await visitor.Page.EvaluateAsync<int>("() => bitmaps.size");

        await visitor.ChooseAsync("orientation.webp", File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "orientation.webp")));
        Assert.Equal(1, await OpenAsync());
        await visitor.ChooseSampleAsync("room.jpg");
        await visitor.ChooseAsync("orientation.webp", File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "orientation.webp")));
        Assert.Equal(2, await OpenAsync());

        await visitor.Page.Locator("#file").SetInputFilesAsync(
            new FilePayload { Name = "large.jpg", MimeType = "image/jpeg", Buffer = Photos.DiscOnItsSide(2100, 300, (100, 75, 30)) });
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("large.jpg has 2100 x 300 pixels");
        Assert.Equal(2, await OpenAsync());
    }

    private static Task<IJSHandle> TransferAsync(Visitor visitor, string name, string type, byte[] file)
        => visitor.Page.EvaluateHandleAsync(MakeTransfer, new object[] { Convert.ToBase64String(file), name, type });
}
