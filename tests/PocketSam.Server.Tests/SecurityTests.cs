using System.Net;
using PocketSam.Server.Api;

namespace PocketSam.Server.Tests;

/// <summary>Strangers, other sites and the impatient are kept away.</summary>
public sealed class SecurityTests
{
    private const string Info = "api/v1/info";

    [Fact]
    public async Task AKeyIsAskedForWhereThereIsOne()
    {
        await using Service service = await Service.StartAsync(options => options.ApiKey = "sesame");
        foreach (string path in (string[])[Info, "metrics", "openapi/v1.json", "api/v1/samples", "api/v1/decoder.onnx", $"{Service.Images}/x", $"{Service.Images}/x/embedding"])
        {
            await service.Client.GetAsync(path).IsRefusedAsync(401, "key_missing");
            await SendAsync(service, path, ("X-Api-Key", "Sesame")).IsRefusedAsync(401, "key_wrong");
        }

        await service.SendFileAsync(Service.Jpeg).IsRefusedAsync(401, "key_missing");
        using HttpResponseMessage response = await SendAsync(service, Info, ("X-Api-Key", "sesame"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        foreach (string path in (string[])["", "index.html", "healthz", "readyz", "api/v1/samples/room.jpg"])
            Assert.Equal(HttpStatusCode.OK, (await service.Client.GetAsync(path)).StatusCode);
    }

    [Fact]
    public async Task AddressesThatAreNoneAreAnsweredWithAProblem()
    {
        await using Service service = await Service.StartAsync();
        await service.Client.GetAsync("api/v1/nothing").IsRefusedAsync(404, "not_found");
        await service.Client.DeleteAsync(Info).IsRefusedAsync(405, "method_not_allowed");
    }

    [Fact]
    public async Task OtherOriginsAreRefused()
    {
        await using Service service = await Service.StartAsync();
        Uri own = service.Client.BaseAddress!;
        foreach (string origin in (string[])["http://evil.example", "null", $"http://127.0.0.1:{own.Port + 1}", "http://localhost"])
            await SendAsync(service, Info, ("Origin", origin)).IsRefusedAsync(403, "cross_origin");
        foreach (string site in (string[])["cross-site", "same-site"])
        {
            await SendAsync(service, Info, ("Sec-Fetch-Site", site)).IsRefusedAsync(403, "cross_origin");
            await SendAsync(service, "index.html", ("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", "no-cors"))
                .IsRefusedAsync(403, "cross_origin");
        }

        using HttpResponseMessage link = await SendAsync(service, "", ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"));
        Assert.Equal(HttpStatusCode.OK, link.StatusCode);
        using HttpResponseMessage page = await SendAsync(
            service, Info, ("Origin", own.GetLeftPart(UriPartial.Authority)), ("Sec-Fetch-Site", "same-origin"));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.DoesNotContain(page.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
        using HttpResponseMessage preflight = await service.Client.SendAsync(new HttpRequestMessage(HttpMethod.Options, Info));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, preflight.StatusCode);
    }

    [Fact]
    public async Task TheLogHasNeitherIdsNorNames()
    {
        var lines = new LogLines();
        await using Service service = await Service.StartAsync(encoder: new GatedEncoder(), log: lines);
        ImageDocument image = await service.UploadAsync();
        string path = $"{Service.Images}/{image.Id}";
        await service.PostAsync($"{path}/predict", PredictTests.Click(1, 1)).IsRefusedAsync(409, "not_ready");
        await service.SendFileAsync("no picture"u8.ToArray(), "?name=secret.jpg").IsRefusedAsync(422, "image_invalid");
        await service.Client.DeleteAsync(path);
        await service.Client.GetAsync(path).IsRefusedAsync(404, "image_unknown");
        await Service.Until(() => Task.FromResult(lines.All.Any(line => line.Contains("image_unknown"))));
        Assert.Contains(lines.All, line => line.Contains("image_invalid"));
        Assert.DoesNotContain(lines.All, line => line.Contains(image.Id) || line.Contains("secret"));
    }

    [Theory]
    [InlineData("evil.example", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("192.168.0.1", false)]
    [InlineData("localhost:80", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.8.9.10", true)]
    [InlineData("[::ffff:127.0.0.2]", true)]
    [InlineData("[::1]:8080", true)]
    public async Task ForeignNamesOfThisMachineAreRefused(string host, bool allowed)
    {
        await using Service service = await Service.StartAsync();
        if (allowed)
            Assert.Equal(HttpStatusCode.OK, (await SendAsync(service, Info, ("Host", host))).StatusCode);
        else
            await SendAsync(service, Info, ("Host", host)).IsRefusedAsync(421, "host_unknown");
    }

    /// <summary>A socket for IPv4 and IPv6 tells addresses of the one as those of the other.</summary>
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.2")]
    [InlineData("127.255.255.254")]
    public async Task ForeignNamesOfAllLoopbackAddressesAreRefused(string address)
    {
        await using Service service = await Service.StartAsync(address: IPAddress.IPv6Any);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{address}:{service.Client.BaseAddress!.Port}") };
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(Info)).StatusCode);
        var request = new HttpRequestMessage(HttpMethod.Get, Info);
        request.Headers.Host = "evil.example";
        await client.SendAsync(request).IsRefusedAsync(421, "host_unknown");
    }

    [Fact]
    public async Task ListedNamesAreAllowed()
    {
        await using Service service = await Service.StartAsync(options => options.AllowedHosts.Add("sam.example"));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(service, Info, ("Host", "sam.example"))).StatusCode);
        await SendAsync(service, Info, ("Host", "localhost")).IsRefusedAsync(421, "host_unknown");
    }

    [Fact]
    public async Task ClientsThatAskTooOftenAreToldToWait()
    {
        await using Service service = await Service.StartAsync(options => options.RequestsPerSecond = 1);
        int refused = 0;
        for (int i = 0; i < 12; i++)
        {
            using HttpResponseMessage response = await service.Client.GetAsync(Info);
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
                refused++;
        }

        Assert.InRange(refused, 1, 10);
        Assert.Equal(HttpStatusCode.OK, (await service.Client.GetAsync("healthz")).StatusCode);
    }

    [Fact]
    public async Task BrowsersAreToldToBeStrict()
    {
        await using Service service = await Service.StartAsync();
        foreach (string path in (string[])["", Info, $"{Service.Images}/x", "healthz"])
        {
            using HttpResponseMessage response = await service.Client.GetAsync(path);
            string Header(string name) => response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.Single() : "";
            Assert.StartsWith("default-src 'self';", Header("Content-Security-Policy"));
            Assert.DoesNotContain("unsafe", Header("Content-Security-Policy").Replace(path.Length == 0 ? "'wasm-unsafe-eval'" : "-", ""));
            Assert.Contains("frame-ancestors 'none'", Header("Content-Security-Policy"));
            Assert.Equal("nosniff", Header("X-Content-Type-Options"));
            Assert.Equal("no-referrer", Header("Referrer-Policy"));
            Assert.Equal("same-origin", Header("Cross-Origin-Resource-Policy"));
            Assert.Equal(path.Length == 0 ? "no-cache" : "no-store", response.Headers.CacheControl?.ToString());
            Assert.False(response.Headers.Contains("Server"));
        }
    }

    /// <summary>The page may compile WebAssembly and start workers of its own, and nothing else than before.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("scripts/decoding/worker.js")]
    public async Task ThePageMayDecode(string path)
    {
        await using Service service = await Service.StartAsync();
        using HttpResponseMessage response = await service.Client.GetAsync(path);
        Assert.Equal(
            "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; img-src 'self' blob: data:; object-src 'none'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            response.Headers.GetValues("Content-Security-Policy").Single());
    }

    private static Task<HttpResponseMessage> SendAsync(Service service, string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach ((string name, string value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return service.Client.SendAsync(request);
    }
}
