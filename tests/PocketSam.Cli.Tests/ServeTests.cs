using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace PocketSam.Cli.Tests;

public sealed class ServeTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData]
    [InlineData("--device", "cpu")]
    public async Task ServesUntilItIsCancelled(params string[] device)
    {
        using var cancellation = new CancellationTokenSource();
        string report = _place["serve.json"];
        Task<Shell.Outcome> run = Task.Run(() => Shell.Run(
            cancellation.Token, ["serve", "--model", _place.Model, "--port", "0", "--api-key", "sesame", "--json", report, .. device]));
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!File.Exists(report) && !run.IsCompleted)
            await Task.Delay(20, patience.Token);
        Assert.True(File.Exists(report), run.IsCompleted ? (await run).Error : "");
        JsonNode json = JsonNode.Parse(await File.ReadAllTextAsync(report))!;
        Assert.Equal(_place.Model, (string?)json["model"]);

        using var client = new HttpClient { BaseAddress = new Uri((string)json["url"]!) };
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("healthz")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("api/v1/info")).StatusCode);
        client.DefaultRequestHeaders.Add("X-Api-Key", "sesame");
        var file = new ByteArrayContent(await File.ReadAllBytesAsync(_place.Photo));
        file.Headers.ContentType = new MediaTypeHeaderValue("image/png");
        Assert.Equal(HttpStatusCode.Accepted, (await client.PostAsync("api/v1/images", file)).StatusCode);

        await cancellation.CancelAsync();
        Shell.Outcome outcome = await run;
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("PocketSam is at http://127.0.0.1:", outcome.Output);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("healthz"));
    }

    [Fact]
    public void APortInUseIsOneClearLine()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;
        Shell.Run("serve", "--model", _place.Model, "--port", $"{port}").Failed(
            $"port {port} of 127.0.0.1 is in use; give another with --port, or 0 for a free one");
    }

    [Fact]
    public void AnAddressOfAnotherMachineIsOneClearLine()
    {
        Shell.Outcome outcome = Shell.Run("serve", "--model", _place.Model, "--host", "192.0.2.1", "--api-key", "x");
        Assert.Equal(1, outcome.ExitCode);
        Assert.StartsWith("pocketsam: cannot listen on 192.0.2.1:8080: ", outcome.Error);
        Assert.Single(outcome.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void WrongUsageIsTold()
    {
        Shell.Run("serve", "--host", "here").Failed(
            "--host here: expected an address of this machine, such as 127.0.0.1 or 0.0.0.0, or '*'; see 'pocketsam serve --help'", 2);
        Shell.Run("serve", "--text-threshold", "0.5").Failed(
            "--text-threshold needs --text-model: the model's own words have their own; see 'pocketsam serve --help'", 2);
        Assert.Contains(
            "'pocketsam pull tinyclip'", Shell.Run("serve", "--model", _place.Model, "--text-model", "tinyclip").Error, StringComparison.Ordinal);
        Shell.Run("serve", "--port", "70000").Failed("--port 70000: must be at most 65535; see 'pocketsam serve --help'", 2);
    }
}
