using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
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
        Action<PocketSamOptions>[] wrong =
        [
            o => o.Model = "", o => o.ImageSize = 100, o => o.CacheBytes = 1, o => o.CacheAge = TimeSpan.Zero,
            o => o.MaxUploadBytes = 0, o => o.UploadTimeout = TimeSpan.FromDays(1), o => o.MaxPixels = 0, o => o.MaxPrompts = 0,
            o => o.MaxObjects = 0, o => o.MaxExportObjects = 0, o => o.QueueLength = 0, o => o.RequestsPerSecond = 0,
            o => o.GiveUpAfter = TimeSpan.FromSeconds(-1), o => o.ApiKey = "",
        ];
        foreach (Action<PocketSamOptions> configure in wrong)
            Assert.ThrowsAny<ArgumentException>(() => new ServiceCollection().AddPocketSam(configure));
    }
}
