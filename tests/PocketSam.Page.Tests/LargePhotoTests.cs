using System.Text.Json;
using Microsoft.Playwright;

namespace PocketSam.Page.Tests;

[Collection(PageCollection.Name)]
public class LargePhotoTests(Chromium chromium, SharedService service)
{
    /// <summary>A portrait of 12 megapixels.</summary>
    private const int Width = 3000, Height = 4000;

    private static readonly (int X, int Y, int Radius) Disc = (900, 1200, 500);

    [Fact]
    public async Task PortraitOnItsSide_IsUpright_AndTheMaskLiesOnItsThing()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);

        await visitor.ChooseAsync("portrait.jpg", Photos.DiscOnItsSide(Width, Height, Disc));
        await Assertions.Expect(visitor.Page.Locator("#photo-size")).ToHaveTextAsync($"{Width} × {Height}");
        await visitor.ClickAsync(Disc.X, Disc.Y);
        await visitor.MaskAsync(candidates: 4);

        await visitor.PaintedAsync("prompts", Disc.X + (Disc.Radius / 2), Disc.Y);
        await visitor.PaintedAsync("prompts", Disc.X, Disc.Y + (Disc.Radius / 2));
        Assert.False(await visitor.IsPaintedAsync("prompts", Width - 300, Height - 300));
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
        JsonElement coco = await visitor.ExportJsonAsync("coco");
        Rle mask = coco.GetProperty("annotations")[0].GetProperty("segmentation").Deserialize<Rle>()!;
        Assert.Equal((Width, Height), (mask.Width, mask.Height));
        Assert.InRange(mask.Area / (Math.PI * Disc.Radius * Disc.Radius), 0.8, 1.25);
    }

    [Fact]
    public async Task ZoomedIn_TheMaskIsSharp()
    {
        await using Visitor visitor = await chromium.VisitAsync(service.Url);
        await visitor.ChooseAsync("portrait.jpg", Photos.DiscOnItsSide(Width, Height, Disc));
        await visitor.ClickAsync(Disc.X, Disc.Y);
        await visitor.MaskAsync();

        (float x, float y) = await visitor.AtAsync(Disc.X, Disc.Y - Disc.Radius);
        await visitor.Page.Mouse.MoveAsync(x, y);
        for (int i = 0; i < 10; i++)
            await visitor.Page.Mouse.WheelAsync(0, -240);
        await visitor.Page.WaitForFunctionAsync("() => Number(document.querySelector('#surface').dataset.view.split(' ')[0]) >= 6");

        // Through the mask's edge goes a border of at most a few pixels, not a blur of the size of a photo pixel.
        int shades = await visitor.Page.EvaluateAsync<int>(
            """
            () => {
              const canvas = document.querySelector('.layer-prompts');
              const copy = new OffscreenCanvas(1, canvas.height).getContext('2d', { willReadFrequently: true });
              copy.drawImage(canvas, -(canvas.width >> 1) + 40, 0);
              const column = copy.getImageData(0, 0, 1, canvas.height).data;
              return new Set(Array.from({ length: canvas.height }, (_, y) => column[4 * y + 3])).size;
            }
            """);
        Assert.InRange(shades, 2, 12);
    }
}
