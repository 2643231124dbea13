using System.Net;
using System.Text.Json.Nodes;

namespace PocketSam.Server.Tests;

/// <summary>The page and the samples come from the assembly.</summary>
public sealed class PageTests
{
    [Fact]
    public async Task ThePageIsSentOnceAndThenConfirmed()
    {
        await using Service service = await Service.StartAsync();
        using HttpResponseMessage first = await service.Client.GetAsync("");
        Assert.Equal("text/html; charset=utf-8", first.Content.Headers.ContentType?.ToString());
        Assert.Contains("<title>", await first.Content.ReadAsStringAsync());
        var again = new HttpRequestMessage(HttpMethod.Get, "index.html");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using HttpResponseMessage second = await service.Client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        using HttpResponseMessage head = await service.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "index.html"));
        Assert.Equal(first.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData("label")]
    [InlineData("label/")]
    public async Task TheLabellingPageHasAnAddressWithoutASlash(string path)
    {
        await using Service service = await Service.StartAsync();
        using HttpResponseMessage page = await service.Client.GetAsync(path);
        Assert.Equal("/label", page.RequestMessage!.RequestUri!.AbsolutePath);
        Assert.Contains("src=\"label/main.js\"", await page.Content.ReadAsStringAsync());
        using HttpResponseMessage script = await service.Client.GetAsync(new Uri(page.RequestMessage.RequestUri, "label/main.js"));
        Assert.Equal("text/javascript; charset=utf-8", script.Content.Headers.ContentType?.ToString());
    }

    [Theory]
    [InlineData("../PocketSam.Server.csproj")]
    [InlineData("..%2f..%2fetc/passwd")]
    [InlineData("wwwroot/index.html")]
    [InlineData("samples/room.jpg")]
    public async Task NothingElseIsThere(string path)
    {
        await using Service service = await Service.StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await service.Client.GetAsync(path)).StatusCode);
    }

    [Fact]
    public async Task SamplesCanBeUploaded()
    {
        await using Service service = await Service.StartAsync();
        JsonArray samples = JsonNode.Parse(await service.Client.GetStringAsync("api/v1/samples"))!.AsArray();
        Assert.Equal(4, samples.Count);
        foreach (JsonNode? sample in samples)
        {
            using HttpResponseMessage file = await service.Client.GetAsync((string)sample!["url"]!);
            Assert.Equal("image/jpeg", file.Content.Headers.ContentType?.MediaType);
            await service.UploadAsync(await file.Content.ReadAsByteArrayAsync());
        }
    }
}
