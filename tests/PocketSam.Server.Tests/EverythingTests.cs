using System.Text;
using System.Text.Json.Nodes;
using PocketSam.Server.Api;

namespace PocketSam.Server.Tests;

/// <summary>All masks come as events.</summary>
public sealed class EverythingTests
{
    /// <summary>A model of random weights has no opinion of its masks: all of them are kept.</summary>
    private const string KeepAll = """{"mode":"dense","points_per_side":3,"pred_iou_thresh":0,"stability_score_thresh":0}""";

    [Fact]
    public async Task MasksAreThoseOfTheLibrary()
    {
        await using Service service = await Service.StartAsync();
        ImageDocument image = await service.UploadReadyAsync(Imaging.ImageFile.EncodePng(Service.Picture));
        await using ServerEvents events = await FindAsync(service, image.Id, KeepAll);
        List<(string Name, string Data)> all = await events.RestAsync();

        IReadOnlyList<GeneratedMask> expected = new MaskGenerator(Service.Model, MaskGeneratorOptions.For(Service.Model.Config) with
        {
            Mode = MaskGeneratorMode.Dense, PointsPerSide = 3, PredIouThresh = 0, StabilityScoreThresh = 0,
        }).Generate(Service.Picture);
        MaskDocument[] masks = [.. all.Where(e => e.Name == "mask").Select(e => Service.Read(e.Data, ApiJson.Default.MaskDocument))];
        Assert.NotEmpty(masks);
        Assert.Equal(expected.Select(mask => mask.Segmentation.ToCompressed()), masks.Select(mask => mask.Rle!.ToCompressed()));
        Assert.All(masks, mask => Assert.True(mask.Area == 0 || mask.Png is not null));
        Assert.Contains(all, e => e.Name == "progress" && (int?)JsonNode.Parse(e.Data)!["total"] == 9);
        Assert.Equal("done", all[^1].Name);
        Assert.Equal(masks.Length, (int?)JsonNode.Parse(all[^1].Data)!["count"]);
    }

    [Theory]
    [InlineData("""{"mode":"quick"}""", 422, "invalid_options")]
    [InlineData("""{"points_per_side":0}""", 422, "invalid_options")]
    [InlineData("""{"points_per_side":100000}""", 422, "invalid_options")]
    [InlineData("""{"pred_iou_thresh":2}""", 422, "invalid_options")]
    [InlineData("""{"min_area":-1}""", 422, "invalid_options")]
    [InlineData("""{"points":1}""", 400, "invalid_json")]
    public async Task WhatIsAskedWronglyIsRefused(string json, int status, string code)
    {
        await using Service service = await Service.StartAsync();
        ImageDocument image = await service.UploadReadyAsync();
        await service.PostAsync($"{Service.Images}/{image.Id}/everything", json).IsRefusedAsync(status, code);
    }

    [Fact]
    public async Task ClosingTheConnectionCancelsIt()
    {
        await using Service service = await Service.StartAsync(options => options.MaxPointsPerSide = 256);
        ImageDocument image = await service.UploadReadyAsync();
        ServerEvents events = await FindAsync(service, image.Id, KeepAll.Replace("3", "256"));
        Assert.Equal("progress", (await events.NextAsync())?.Name);
        await events.DisposeAsync();

        // A client has one search at a time: this one is done as the other one has ended, long before it could be.
        await using ServerEvents next = await FindAsync(service, image.Id, KeepAll);
        Assert.Equal("done", (await next.RestAsync())[^1].Name);
        Assert.Equal(1, await service.MetricAsync("pocketsam_everything_seconds_count"));
    }

    [Fact]
    public async Task OneTooManyIsRefusedAndWhatIsGivenUpMakesRoom()
    {
        await using Service service = await Service.StartAsync(options => options.MaxPointsPerSide = 256);
        ImageDocument image = await service.UploadReadyAsync();
        string path = $"{Service.Images}/{image.Id}/everything", forLong = KeepAll.Replace("3", "256");
        await using ServerEvents running = await FindAsync(service, image.Id, forLong);
        await running.NextAsync();
        List<ServerEvents> waiting = [];
        for (int i = 0; i < 3; i++)
            waiting.Add(await FindAsync(service, image.Id, forLong));
        await service.PostAsync(path, KeepAll).IsRefusedAsync(429, "busy");

        await waiting[^1].DisposeAsync();
        await Service.Until(async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(
                KeepAll, Encoding.UTF8, "application/json") };
            using HttpResponseMessage response = await service.Client.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead);
            return response.IsSuccessStatusCode;
        });
        foreach (ServerEvents events in waiting)
            await events.DisposeAsync();
    }

    [Fact]
    public async Task OneClientDoesNotHoldUpOthers()
    {
        await using Service service = await Service.StartAsync(options => options.MaxPointsPerSide = 256);
        ImageDocument image = await service.UploadReadyAsync();
        await using ServerEvents running = await FindAsync(service, image.Id, KeepAll.Replace("3", "256"));
        await running.NextAsync();
        await using ServerEvents waiting = await FindAsync(service, image.Id, KeepAll);
        using HttpResponseMessage others = await service.From("127.0.0.2").PostAsync(
            $"{Service.Images}/{image.Id}/everything", new StringContent(KeepAll, Encoding.UTF8, "application/json"));
        Assert.Contains("event: done", await others.Content.ReadAsStringAsync());
        Assert.Equal(1, await service.MetricAsync("pocketsam_everything_seconds_count"));
    }

    [Fact]
    public async Task NoBodyMeansNoWishes()
    {
        await using Service service = await Service.StartAsync();
        ImageDocument image = await service.UploadReadyAsync();
        await using ServerEvents events = await ServerEvents.OpenAsync(
            service.Client, new HttpRequestMessage(HttpMethod.Post, $"{Service.Images}/{image.Id}/everything"));
        Assert.Equal("done", (await events.RestAsync())[^1].Name);
    }

    [Fact]
    public async Task DeletingThePictureEndsItWithAnError()
    {
        await using Service service = await Service.StartAsync(options => options.MaxPointsPerSide = 256);
        ImageDocument image = await service.UploadReadyAsync();
        await using ServerEvents events = await FindAsync(service, image.Id, KeepAll.Replace("3", "256"));
        await events.NextAsync();
        await service.Client.DeleteAsync($"{Service.Images}/{image.Id}");
        (string name, string data) = (await events.RestAsync())[^1];
        Assert.Equal(("error", "image_unknown"), (name, (string?)JsonNode.Parse(data)!["code"]));
        await Service.Until(async () => await service.MetricAsync("pocketsam_cache_bytes") == 0);
    }

    private static Task<ServerEvents> FindAsync(Service service, string id, string json) => ServerEvents.OpenAsync(
        service.Client, new HttpRequestMessage(HttpMethod.Post, $"{Service.Images}/{id}/everything")
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
        });
}
