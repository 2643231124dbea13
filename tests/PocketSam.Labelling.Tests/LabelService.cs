using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using PocketSam.Models;
using PocketSam.Server;

namespace PocketSam.Labelling.Tests;

/// <summary>A labelling project on a free port, with a tiny model of random weights.</summary>
internal sealed class LabelService : IAsyncDisposable
{
    private static readonly Lazy<Sam> Nano = new(() => Sam.Over(SamModel.Create(ModelZoo.Nano, seed: 1)));

    private readonly WebApplication _application;

    private LabelService(WebApplication application)
    {
        _application = application;
        Client = new HttpClient { BaseAddress = new Uri(application.Urls.First()) };
        Client.DefaultRequestHeaders.Add("X-Labeller", "Ann");
        Client.DefaultRequestHeaders.Add("X-Tab", "t1");
    }

    /// <summary>The model that it starts with.</summary>
    public static Sam Model => Nano.Value;

    public HttpClient Client { get; }

    /// <summary>Starts it over a folder, and waits until the folder was looked at.</summary>
    public static async Task<LabelService> StartAsync(
        Pictures pictures, Action<PocketSamLabellingOptions>? configure = null, ITextGrounder? grounder = null, Sam? model = null)
    {
        WebApplication application = PocketSamApplication.Create(
            new IPEndPoint(IPAddress.Loopback, 0), options => options.RequestsPerSecond = 100_000, services: services =>
            {
                services.AddSingleton(model ?? Nano.Value);
                if (grounder is not null)
                    services.AddSingleton(grounder);
                services.AddPocketSamLabelling(options =>
                {
                    options.Folder = pictures.Folder;
                    options.Classes.Add("cat");
                    options.Classes.Add("dog");
                    configure?.Invoke(options);
                });
            });
        try
        {
            application.MapPocketSamLabelling();
            await application.StartAsync();
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }

        var service = new LabelService(application);
        int count = Directory.EnumerateFiles(pictures.Folder, "*.*g", SearchOption.AllDirectories).Count();
        await Until(async () => (int)(await service.GetAsync("pictures?limit=1"))["total"]! >= count);
        return service;
    }

    public static async Task Until(Func<Task<bool>> isSo, double seconds = 30)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        while (!await isSo())
            await Task.Delay(20, patience.Token);
    }

    /// <summary>A mask of one box, as JSON.</summary>
    public static string Mask(int x = 10, int y = 5, int width = 20, int height = 10, int pictureWidth = Pictures.Width, int pictureHeight = Pictures.Height)
    {
        var mask = new BinaryMask(pictureWidth, pictureHeight);
        mask.Fill(new PixelBox(x, y, width, height));
        return System.Text.Json.JsonSerializer.Serialize(Rle.Encode(mask));
    }

    public static string Add(string mask, long classId = 1, string more = "")
        => $$$"""{"op":"add","object":{"classId":{{{classId}}},"rle":{{{mask}}},"made":"brush"{{{more}}}}}""";

    public async Task<JsonObject> GetAsync(string path) => await ReadAsync(await Client.GetAsync($"api/label/{path}"), HttpStatusCode.OK);

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string json) => Client.SendAsync(
        new HttpRequestMessage(method, $"api/label/{path}") { Content = new StringContent(json, Encoding.UTF8, "application/json") });

    public async Task<JsonObject> PostAsync(string path, string json = "{}")
        => await ReadAsync(await SendAsync(HttpMethod.Post, path, json), HttpStatusCode.OK);

    /// <summary>All jobs that the service tells of.</summary>
    public async Task<JsonArray> JobsAsync() => (await GetAsync("jobs"))["jobs"]!.AsArray();

    /// <summary>Waits until a job has ended, and gives it as it is then.</summary>
    public async Task<JsonObject> EndOfAsync(JsonObject job, double seconds = 30)
    {
        await Until(
            async () => (string)(job = (await JobsAsync())
                .Single(known => (string)known!["id"]! == (string)job["id"]!)!.AsObject())["state"]! != "running",
            seconds);
        return job;
    }

    /// <summary>Has the folder looked at.</summary>
    public async Task PostRescanAsync()
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Post, "rescan", "{}");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    public Task<JsonObject> ChangeAsync(long picture, long baseVersion, params string[] changes)
        => PostAsync($"pictures/{picture}/changes", Changes(baseVersion, changes));

    public static string Changes(long baseVersion, params string[] changes)
        => $$"""{"baseVersion":{{baseVersion}},"how":"brush","seconds":1.5,"changes":[{{string.Join(',', changes)}}]}""";

    /// <summary>Posts what must be refused, and gives the problem.</summary>
    public async Task<JsonObject> RefusedAsync(HttpStatusCode status, string path, string json, HttpMethod? method = null)
        => await ReadAsync(await SendAsync(method ?? HttpMethod.Post, path, json), status);

    public static async Task<JsonObject> ReadAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{response.StatusCode}: {text}");
        response.Dispose();
        return JsonNode.Parse(text)!.AsObject();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.StopAsync();
        await _application.DisposeAsync();
    }
}
