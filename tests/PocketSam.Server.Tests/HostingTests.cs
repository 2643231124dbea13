using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PocketSam.Server.Api;

namespace PocketSam.Server.Tests;

/// <summary>Another application hosts the service.</summary>
public sealed class HostingTests
{
    [Fact]
    public async Task ItIsMappedBelowAPrefix()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(Service.Model);
        builder.Services.AddOpenApi();
        builder.Services.AddPocketSam(options => options.MaxObjects = 3);
        await using WebApplication application = builder.Build();
        application.Urls.Add("http://127.0.0.1:0");
        application.MapGet("/", () => Results.Text("the host's own"));
        application.MapOpenApi();
        application.MapPocketSam("/segment/");
        await application.StartAsync();
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(application.Urls.First()),
        };

        Assert.Equal("the host's own", await client.GetStringAsync("/"));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/api/v1/info")).StatusCode);
        InfoDocument info = Service.Read(await client.GetStringAsync("/segment/api/v1/info"), ApiJson.Default.InfoDocument);
        Assert.Equal(3, info.Limits.MaxObjects);
        using HttpResponseMessage bare = await client.GetAsync("/segment");
        Assert.Equal((HttpStatusCode.TemporaryRedirect, "/segment/"), (bare.StatusCode, bare.Headers.Location?.OriginalString));
        Assert.Contains("<title>", await client.GetStringAsync("/segment/"));
        using HttpResponseMessage upload = await client.PostAsync("/segment/api/v1/images", new ByteArrayContent(Service.Jpeg));
        Assert.StartsWith("/segment/api/v1/images/", upload.Headers.Location?.OriginalString);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(upload.Headers.Location)).StatusCode);
        Assert.Contains("/segment/api/v1/info", await client.GetStringAsync("/segment/openapi/v1.json"));
        Assert.DoesNotContain("\"/\"", await client.GetStringAsync("/segment/openapi/v1.json"));
    }

    /// <summary>However slowly a request comes and an answer is taken.</summary>
    [Fact]
    public async Task TimesAreThoseOfComputing()
    {
        var delay = TimeSpan.FromSeconds(1);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(Service.Model);
        builder.Services.AddPocketSam();
        await using WebApplication application = builder.Build();
        application.Urls.Add("http://127.0.0.1:0");
        application.Use(async (context, next) =>
        {
            if (HttpMethods.IsPost(context.Request.Method))
                context.Response.Body = new SlowStream(context.Response.Body, delay);
            await next(context);
        });
        application.MapPocketSam();
        await application.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(application.Urls.First()) };
        using HttpResponseMessage upload = await client.PostAsync(Service.Images, new ByteArrayContent(Service.Jpeg));
        string image = upload.Headers.Location!.OriginalString;
        await Service.Until(async () => (await client.GetStringAsync(image)).Contains("ready"));

        string points = string.Join(',', Enumerable.Repeat("""{"points":[{"x":1,"y":1}]}""", 64));
        PredictResponse found = Service.Read(await PostAsync("predict", $$"""{"objects":[{{points}}]}"""), ApiJson.Default.PredictResponse);
        Assert.Equal(64, found.Objects.Count);
        Assert.InRange(found.Milliseconds, 0, 3 * delay.TotalMilliseconds);

        string events = await PostAsync("everything", """{"mode":"dense","points_per_side":2,"pred_iou_thresh":0,"stability_score_thresh":0}""");
        string done = events.Split("data: ")[^1];
        EverythingEnd end = Service.Read(done, ApiJson.Default.EverythingEnd);
        Assert.InRange(end.Count, 1, 12);
        Assert.InRange(end.Milliseconds, 0, end.Count * delay.TotalMilliseconds);

        async Task<string> PostAsync(string operation, string json)
        {
            using HttpResponseMessage response = await client.PostAsync(
                $"{image}/{operation}", new StringContent(json, Encoding.UTF8, "application/json"));
            return await response.Content.ReadAsStringAsync();
        }
    }

    [Fact]
    public void MappingWithoutServicesSaysWhatIsMissing()
    {
        WebApplication application = WebApplication.CreateSlimBuilder().Build();
        var error = Assert.Throws<InvalidOperationException>(() => application.MapPocketSam());
        Assert.Contains("AddPocketSam", error.Message);
    }

    [Fact]
    public void OptionsOutOfRangeAreRefused()
    {
        (string Name, Action<PocketSamOptions> Set)[] wrong =
        [
            ("Model", o => o.Model = ""), ("input size", o => o.ImageSize = 100), ("CacheBytes", o => o.CacheBytes = 1),
            ("CacheAge", o => o.CacheAge = TimeSpan.Zero), ("MaxUploadBytes", o => o.MaxUploadBytes = 0),
            ("UploadTimeout", o => o.UploadTimeout = TimeSpan.FromDays(1)), ("MaxPixels", o => o.MaxPixels = 0),
            ("MaxPrompts", o => o.MaxPrompts = 0), ("MaxObjects", o => o.MaxObjects = 0),
            ("MaxExportObjects", o => o.MaxExportObjects = 0), ("MaxObjectPixels", o => o.MaxObjectPixels = 0),
            ("MaxPointsPerSide", o => o.MaxPointsPerSide = 257), ("MaxExportCorners", o => o.MaxExportCorners = 0),
            ("MaxExportPixels", o => o.MaxExportPixels = 0), ("MaxExportPhotoPixels", o => o.MaxExportPhotoPixels = 0),
            ("QueueLength", o => o.QueueLength = 0),
            ("RequestsPerSecond", o => o.RequestsPerSecond = 0), ("GiveUpAfter", o => o.GiveUpAfter = TimeSpan.FromSeconds(-1)),
            ("ApiKey", o => o.ApiKey = ""),
        ];
        foreach ((string name, Action<PocketSamOptions> set) in wrong)
            Assert.StartsWith(name, Assert.Single(Refusal(set).Failures), StringComparison.Ordinal);

        // All that is wrong is said at once.
        Assert.Equal(wrong.Length, Refusal(o => Array.ForEach(wrong, one => one.Set(o))).Failures.Count());
        Assert.Equal("MaxPixels is 0: must lie in 1 ... 500000000", Refusal(o => o.MaxPixels = 0).Message);

        static OptionsValidationException Refusal(Action<PocketSamOptions> set)
        {
            using ServiceProvider provider = new ServiceCollection().AddPocketSam(set).BuildServiceProvider();
            return Assert.Throws<OptionsValidationException>(provider.GetRequiredService<IStartupValidator>().Validate);
        }
    }

    [Fact]
    public void WhatIsOutOfRangeIsRefusedWhenTheServiceIsMapped()
    {
        var error = Assert.Throws<OptionsValidationException>(
            () => PocketSamApplication.Create(new IPEndPoint(IPAddress.Loopback, 0), options => options.MaxObjects = 0));
        Assert.Contains("MaxObjects", error.Message);
    }

    [Fact]
    public async Task OptionsMayBeConfiguredAsAnyOthers()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(Service.Model);
        builder.Services.AddPocketSam();
        builder.Services.Configure<PocketSamOptions>(options => options.MaxObjects = 5);
        await using WebApplication application = builder.Build();
        Assert.Equal(5, application.Services.GetRequiredService<IOptions<PocketSamOptions>>().Value.MaxObjects);
    }
}
