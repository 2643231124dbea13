using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PocketSam.Imaging;
using PocketSam.Models;
using PocketSam.Server.Api;
using PocketSam.Server.Images;

namespace PocketSam.Server.Tests;

/// <summary>The service on a free port of the loopback interface, with a tiny model of random weights.</summary>
internal sealed class Service : IAsyncDisposable
{
    public const string Images = "api/v1/images";

    private static readonly Lazy<Sam> Nano = new(() => Sam.Over(SamModel.Create(ModelZoo.Nano, seed: 1)));

    private readonly WebApplication _application;
    private readonly List<HttpClient> _others = [];

    private Service(WebApplication application)
    {
        _application = application;
        Client = new HttpClient { BaseAddress = new Uri(application.Urls.First()) };
    }

    public static Sam Model => Nano.Value;

    /// <summary>A picture with something in it.</summary>
    public static RgbImage Picture { get; } = Draw(90, 60);

    public static byte[] Jpeg { get; } = ImageFile.EncodeJpeg(Picture);

    public HttpClient Client { get; }

    public static async Task<Service> StartAsync(
        Action<PocketSamOptions>? configure = null, IImageEncoder? encoder = null, TimeProvider? time = null,
        ILoggerProvider? log = null, IPAddress? address = null, Sam? model = null, ITextGrounder? grounder = null)
    {
        WebApplication application = PocketSamApplication.Create(
            new IPEndPoint(address ?? IPAddress.Loopback, 0), configure, logging => _ = log is null ? logging : logging.AddProvider(log), services: services =>
            {
                services.AddSingleton(model ?? Model);
                if (grounder is not null)
                    services.AddSingleton(grounder);
                if (encoder is not null)
                    services.AddSingleton(encoder);
                if (time is not null)
                    services.AddSingleton(time);
            });
        await application.StartAsync();
        return new Service(application);
    }

    /// <summary>Ends it as <c>serve</c> does.</summary>
    public Task DrainAsync(TimeSpan most) => PocketSamApplication.DrainAsync(_application, TimeSpan.Zero, most);

    /// <summary>A client of another address of this machine, until the service ends.</summary>
    public HttpClient From(string address)
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellation) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                await socket.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = Client.BaseAddress,
        };
        _others.Add(client);
        return client;
    }

    public static RgbImage Draw(int width, int height)
    {
        var image = new RgbImage(width, height);
        for (int i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)(i / 3 % width > width / 2 ? 40 : 200);
        return image;
    }

    /// <summary>Asks until it is so; a test that waits in vain fails.</summary>
    public static async Task Until(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await isSo())
            await Task.Delay(10, patience.Token);
    }

    public static T Read<T>(string json, JsonTypeInfo<T> type) => JsonSerializer.Deserialize(json, type)!;

    public async Task<HttpResponseMessage> SendFileAsync(byte[] file, string query = "")
    {
        var content = new ByteArrayContent(file);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return await Client.PostAsync($"{Images}{query}", content);
    }

    /// <summary>The picture as the service knows it, queued.</summary>
    public async Task<ImageDocument> UploadAsync(byte[]? file = null, string query = "")
    {
        using HttpResponseMessage response = await SendFileAsync(file ?? Jpeg, query);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.Accepted, text);
        return Read(text, ApiJson.Default.ImageDocument);
    }

    /// <summary>The same, when it takes prompts.</summary>
    public async Task<ImageDocument> UploadReadyAsync(byte[]? file = null, string query = "")
    {
        ImageDocument image = await UploadAsync(file, query);
        await Until(async () => (image = await GetAsync(image.Id)).State is "ready" or "failed");
        Assert.Equal("ready", image.State);
        return image;
    }

    public async Task<ImageDocument> GetAsync(string id)
        => Read(await Client.GetStringAsync($"{Images}/{id}"), ApiJson.Default.ImageDocument);

    public Task<HttpResponseMessage> PostAsync(string path, string json)
        => Client.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));

    public async Task<PredictResponse> PredictAsync(string id, string json)
    {
        using HttpResponseMessage response = await PostAsync($"{Images}/{id}/predict", json);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return Read(text, ApiJson.Default.PredictResponse);
    }

    public async Task<double> MetricAsync(string name)
    {
        string text = await Client.GetStringAsync("metrics");
        string line = text.Split('\n').Single(l => l.StartsWith($"{name} ", StringComparison.Ordinal));
        return double.Parse(line[(name.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _others.ForEach(client => client.Dispose());
        await _application.StopAsync();
        await _application.DisposeAsync();
    }
}
