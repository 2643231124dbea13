using System.Net;
using System.Text.Json.Nodes;
using PocketSam.Imaging;
using PocketSam.Server.Api;

namespace PocketSam.Server.Tests;

/// <summary>Uploads, and what becomes of them.</summary>
public sealed class ImageTests
{
    [Fact]
    public async Task AnUploadBecomesReady()
    {
        await using Service service = await Service.StartAsync();
        using HttpResponseMessage response = await service.SendFileAsync(Service.Jpeg, "?name=a%20b/../street.jpg");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        ImageDocument image = Service.Read(await response.Content.ReadAsStringAsync(), ApiJson.Default.ImageDocument);
        Assert.Equal($"/{Service.Images}/{image.Id}", response.Headers.Location?.OriginalString);
        Assert.Equal((90, 60, Service.Jpeg.Length, "street.jpg"), (image.Width, image.Height, image.Bytes, image.Name));
        await Service.Until(async () => (await service.GetAsync(image.Id)).State == "ready");
    }

    [Theory]
    [InlineData("image/heic")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData(null)]
    public async Task TheTypeThatAnUploadClaimsDoesNotMatter(string? type)
    {
        await using Service service = await Service.StartAsync();
        var content = new ByteArrayContent(Service.Jpeg);
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using HttpResponseMessage response = await service.Client.PostAsync(Service.Images, content);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    [Fact]
    public async Task SizesAreThoseOfTheUprightPicture()
    {
        byte[] turned = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "orientation-6.jpg"));
        RgbImage upright = ImageFile.Decode(turned, "turned");
        await using Service service = await Service.StartAsync();
        ImageDocument image = await service.UploadAsync(turned);
        Assert.Equal((upright.Width, upright.Height), (image.Width, image.Height));
    }

    [Fact]
    public async Task EventsTellOfEveryChange()
    {
        var encoder = new GatedEncoder();
        await using Service service = await Service.StartAsync(encoder: encoder);
        ImageDocument first = await service.UploadAsync(), second = await service.UploadAsync();
        await using ServerEvents events = await ServerEvents.WatchAsync(service, second.Id);
        Assert.Equal(("state", "queued", 1), State(await events.NextAsync()));
        encoder.Open();
        Assert.Equal(("state", "encoding", 0), State(await events.NextAsync()));
        encoder.Open();
        List<(string Name, string Data)> rest = await events.RestAsync();
        Assert.Contains(rest, e => e.Name == "progress");
        Assert.Equal(("state", "ready", 0), State(rest.Last(e => e.Name == "state")));
        Assert.Equal("ready", (await service.GetAsync(first.Id)).State);

        static (string, string?, int) State((string Name, string Data)? item)
        {
            JsonNode data = JsonNode.Parse(item!.Value.Data)!;
            return (item.Value.Name, (string?)data["state"], (int)data["position"]!);
        }
    }

    [Fact]
    public async Task EventsOfAReadyPictureEndAtOnce()
    {
        await using Service service = await Service.StartAsync();
        ImageDocument image = await service.UploadReadyAsync();
        await using ServerEvents events = await ServerEvents.WatchAsync(service, image.Id);
        Assert.Contains("\"ready\"", (await events.RestAsync())[0].Data);
    }

    [Fact]
    public async Task AFailureIsTold()
    {
        var encoder = new GatedEncoder();
        await using Service service = await Service.StartAsync(encoder: encoder);
        ImageDocument image = await service.UploadAsync(ImageFile.EncodePng(Service.Draw(1, 1)));
        encoder.Open();
        await Service.Until(async () => (await service.GetAsync(image.Id)).State == "failed");
        Assert.NotNull((await service.GetAsync(image.Id)).Error);
        await service.PostAsync($"{Service.Images}/{image.Id}/predict", PredictTests.Click(0, 0)).IsRefusedAsync(409, "encoding_failed");
    }

    [Fact]
    public async Task DeletingStopsTheEncodingAndForgetsThePicture()
    {
        var encoder = new GatedEncoder();
        await using Service service = await Service.StartAsync(encoder: encoder);
        ImageDocument running = await service.UploadAsync(), waiting = await service.UploadAsync();
        await Service.Until(() => Task.FromResult(encoder.Begun == 1));
        await using ServerEvents events = await ServerEvents.WatchAsync(service, running.Id);
        foreach (ImageDocument image in (ImageDocument[])[waiting, running])
        {
            using HttpResponseMessage response = await service.Client.DeleteAsync($"{Service.Images}/{image.Id}");
            Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
            await service.Client.GetAsync($"{Service.Images}/{image.Id}").IsRefusedAsync(404, "image_unknown");
            await service.Client.DeleteAsync($"{Service.Images}/{image.Id}").IsRefusedAsync(404, "image_unknown");
        }

        Assert.Contains(await events.RestAsync(), e => e.Name is "error" or "state");
        await Service.Until(() => Task.FromResult(encoder.Cancelled == 1));
        await Service.Until(async () => await service.MetricAsync("pocketsam_cache_bytes") == 0);
        Assert.Equal(1, encoder.Begun);
        Assert.Equal(2, await service.MetricAsync("pocketsam_encodes_cancelled_total"));
    }

    [Fact]
    public async Task APictureThatNobodyWatchesAnyMoreIsGivenUp()
    {
        var encoder = new GatedEncoder();
        await using Service service = await Service.StartAsync(options => options.GiveUpAfter = TimeSpan.Zero, encoder);
        ImageDocument image = await service.UploadAsync();
        ServerEvents events = await ServerEvents.WatchAsync(service, image.Id);
        await events.NextAsync();
        await events.DisposeAsync();
        await Service.Until(() => Task.FromResult(encoder.Cancelled == 1));
        await service.Client.GetAsync($"{Service.Images}/{image.Id}").IsRefusedAsync(404, "image_unknown");
    }

    [Fact]
    public async Task APictureThatSomebodyStillWatchesIsNotGivenUp()
    {
        var encoder = new GatedEncoder();
        await using Service service = await Service.StartAsync(options => options.GiveUpAfter = TimeSpan.Zero, encoder);
        ImageDocument image = await service.UploadAsync();
        await using ServerEvents stays = await ServerEvents.WatchAsync(service, image.Id);
        ServerEvents leaves = await ServerEvents.WatchAsync(service, image.Id);
        await leaves.NextAsync();
        await leaves.DisposeAsync();
        encoder.Open();
        Assert.Contains(await stays.RestAsync(), e => e.Data.Contains("\"ready\""));
    }

    [Fact]
    public async Task BeyondTheQueueUploadsAreRefused()
    {
        var encoder = new GatedEncoder();
        await using Service service = await Service.StartAsync(options => options.QueueLength = 2, encoder);
        await service.UploadAsync();
        await Service.Until(() => Task.FromResult(encoder.Begun == 1));
        Assert.Equal(1, (await service.UploadAsync()).Position);
        Assert.Equal(2, (await service.UploadAsync()).Position);
        await service.SendFileAsync(Service.Jpeg).IsRefusedAsync(429, "queue_full");
        Assert.Equal(2, await service.MetricAsync("pocketsam_queue_length"));
        encoder.Open(4);
        await Service.Until(async () => await service.MetricAsync("pocketsam_queue_length") == 0);
        await service.UploadAsync();
    }

    [Fact]
    public async Task StoppingEndsWhatWaits()
    {
        var encoder = new GatedEncoder();
        Service service = await Service.StartAsync(encoder: encoder);
        ImageDocument image = await service.UploadAsync();
        await using ServerEvents events = await ServerEvents.WatchAsync(service, image.Id);
        await Service.Until(() => Task.FromResult(encoder.Begun == 1));
        await service.DisposeAsync();
        Assert.Equal(1, encoder.Cancelled);
    }
}
