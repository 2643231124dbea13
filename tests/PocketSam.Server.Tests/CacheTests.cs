using PocketSam.Imaging;
using PocketSam.Server.Api;

namespace PocketSam.Server.Tests;

/// <summary>Pictures are kept as long as there is room and they are used.</summary>
public sealed class CacheTests
{
    private const long Least = 16 << 20;

    /// <summary>A picture that takes a little more than a third of the smallest cache.</summary>
    private static readonly byte[] Large = ImageFile.EncodePng(Service.Draw(2000, 1000));

    [Fact]
    public async Task WhatWasUsedLongestAgoMakesRoom()
    {
        await using Service service = await Service.StartAsync(options => options.CacheBytes = Least);
        ImageDocument first = await service.UploadReadyAsync(Large), second = await service.UploadReadyAsync(Large);
        await service.GetAsync(first.Id);
        await service.UploadReadyAsync(Large);
        await service.Client.GetAsync($"{Service.Images}/{second.Id}").IsRefusedAsync(404, "image_unknown");
        Assert.Equal("ready", (await service.GetAsync(first.Id)).State);
        Assert.Equal(1, await service.MetricAsync("pocketsam_cache_evictions_total"));
        Assert.InRange(await service.MetricAsync("pocketsam_cache_bytes"), 12e6, Least);
    }

    [Fact]
    public async Task WhatIsInUseStays()
    {
        var encoder = new GatedEncoder();
        await using Service service = await Service.StartAsync(options => options.CacheBytes = Least, encoder);
        ImageDocument first = await service.UploadAsync(Large);
        await service.UploadAsync(Large);
        await service.SendFileAsync(Large).IsRefusedAsync(429, "cache_full");
        encoder.Open(2);
        await Service.Until(async () => (await service.GetAsync(first.Id)).State == "ready");
        await Service.Until(async () => await service.MetricAsync("pocketsam_encode_seconds_count") == 2);
        await service.UploadAsync(Large);
        encoder.Open();
    }

    [Fact]
    public async Task NothingMakesRoomInVain()
    {
        var encoder = new GatedEncoder();
        encoder.Open();
        await using Service service = await Service.StartAsync(options => options.CacheBytes = Least, encoder);
        ImageDocument idle = await service.UploadReadyAsync(Large);
        await service.UploadAsync(Large);
        await service.SendFileAsync(ImageFile.EncodePng(Service.Draw(3400, 1200))).IsRefusedAsync(429, "cache_full");
        Assert.Equal("ready", (await service.GetAsync(idle.Id)).State);
        encoder.Open();
    }

    [Fact]
    public async Task WhatCanNeverFitIsRefused()
    {
        await using Service service = await Service.StartAsync(options => options.CacheBytes = Least);
        byte[] larger = ImageFile.EncodePng(Service.Draw(3000, 2000));
        await service.SendFileAsync(larger).IsRefusedAsync(413, "image_too_large");
        Assert.Equal(0, await service.MetricAsync("pocketsam_cache_bytes"));
    }

    [Fact]
    public async Task WhatIsNotUsedForLongIsForgotten()
    {
        var time = new ManualTime();
        await using Service service = await Service.StartAsync(options => options.CacheAge = TimeSpan.FromMinutes(10), time: time);
        ImageDocument old = await service.UploadReadyAsync();
        time.Pass(TimeSpan.FromMinutes(6));
        ImageDocument young = await service.UploadReadyAsync();
        time.Pass(TimeSpan.FromMinutes(6));
        await service.Client.GetAsync($"{Service.Images}/{old.Id}").IsRefusedAsync(404, "image_unknown");
        await service.GetAsync(young.Id);
        Assert.Equal(1, await service.MetricAsync("pocketsam_cache_images"));
    }

    [Fact]
    public async Task AnotherServiceKnowsNothingOfIt()
    {
        await using Service before = await Service.StartAsync();
        ImageDocument image = await before.UploadReadyAsync();
        await using Service after = await Service.StartAsync();
        await after.PostAsync($"{Service.Images}/{image.Id}/predict", PredictTests.Click(1, 1)).IsRefusedAsync(404, "image_unknown");
        Assert.Equal(1, await after.MetricAsync("pocketsam_cache_misses_total"));
    }
}
