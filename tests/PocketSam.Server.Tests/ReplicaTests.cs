using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using PocketSam.Server.Api;
using PocketSam.Server.Images;
using PocketSam.Server.Metrics;

namespace PocketSam.Server.Tests;

/// <summary>Several services that share pictures, and services that end.</summary>
public sealed class ReplicaTests : IDisposable
{
    private const string Click = """{"objects":[{"points":[{"x":20,"y":30,"label":1}]}]}""";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pocketsam-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task AnyReplicaAnswersForAPictureWithTheSameMasks()
    {
        await using Service first = await StartAsync(), second = await StartAsync();
        ImageDocument image = await first.UploadReadyAsync(query: "?name=a.jpg");

        string mine = await MasksAsync(first, image.Id), others = await MasksAsync(second, image.Id);

        Assert.Equal(mine, others);
        Assert.Equal("a.jpg", (await second.GetAsync(image.Id)).Name);
        Assert.Equal(1, await second.MetricAsync("pocketsam_store_adopted_total"));
        Assert.Equal(0, await second.MetricAsync("pocketsam_encode_seconds_count"));
        using HttpResponseMessage deleted = await second.Client.DeleteAsync($"{Service.Images}/{image.Id}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await first.Client.GetAsync($"{Service.Images}/{image.Id}").IsRefusedAsync(404, "image_unknown");
        Assert.Empty(Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task PictureOfAReplicaThatIsGoneIsEncodedByAnother()
    {
        string id;
        await using (Service first = await StartAsync(new GatedEncoder()))
            id = (await first.UploadAsync()).Id;
        await using Service second = await StartAsync();

        await Service.Until(async () => (await second.GetAsync(id)).State == "ready");

        Assert.NotEmpty(await MasksAsync(second, id));
        Assert.Equal(1, await second.MetricAsync("pocketsam_encode_seconds_count"));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("..%2f..%2fetc%2fpasswd")]
    [InlineData("0123456789abcdef0123456789abcdef")]
    public async Task IdsThatAreNoneAreUnknown(string id)
    {
        await using Service service = await StartAsync();
        await service.Client.GetAsync($"{Service.Images}/{id}").IsRefusedAsync(404, "image_unknown");
    }

    [Fact]
    public async Task SharedPicturesAreForgottenWhenTheyAreOld()
    {
        var time = new ManualTime();
        await using Service service = await Service.StartAsync(
            options => (options.Store, options.CacheAge) = ($"folder:{_folder.FullName}", TimeSpan.FromMinutes(1)), time: time);
        ImageDocument image = await service.UploadReadyAsync();
        await service.GetAsync(image.Id);
        time.Pass(TimeSpan.FromMinutes(2));

        await Service.Until(() => Task.FromResult(!Directory.EnumerateFiles(_folder.FullName, "*", SearchOption.AllDirectories).Any()));

        await service.Client.GetAsync($"{Service.Images}/{image.Id}").IsRefusedAsync(404, "image_unknown");
    }

    [Fact]
    public async Task RedisSharesToo()
    {
        bool isInstalled = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, "redis-server")));
        Assert.SkipUnless(isInstalled, "redis-server is not installed: apt-get install redis-server");
        int port = FreePort();
        using Process redis = Process.Start(new ProcessStartInfo(
            "redis-server", ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--loglevel", "warning"])
        {
            RedirectStandardOutput = true,
        })!;
        try
        {
            await Service.Until(() => Task.FromResult(Answers(port)));
            void Shared(PocketSamOptions options) => options.Store = $"redis:127.0.0.1:{port}";
            await using Service first = await Service.StartAsync(Shared), second = await Service.StartAsync(Shared);
            ImageDocument image = await first.UploadReadyAsync();
            Assert.Equal(await MasksAsync(first, image.Id), await MasksAsync(second, image.Id));
            Assert.Equal(0, await second.MetricAsync("pocketsam_encode_seconds_count"));
            await second.Client.DeleteAsync($"{Service.Images}/{image.Id}");
            await first.Client.GetAsync($"{Service.Images}/{image.Id}").IsRefusedAsync(404, "image_unknown");
        }
        finally
        {
            redis.Kill();
            await redis.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task ARedisThatIsNotThereIsOneClearLine()
    {
        var error = await Assert.ThrowsAsync<IOException>(() => Service.StartAsync(
            options => options.Store = "redis:127.0.0.1:1,connectRetry=0,connectTimeout=200"));
        Assert.StartsWith("redis:127.0.0.1:1: cannot be reached (", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task AServiceThatEndsSaysSoAndFinishesWhatItWasAsked()
    {
        var encoder = new GatedEncoder();
        await using Service service = await Service.StartAsync(encoder: encoder);
        await Service.Until(async () => (await service.Client.GetAsync("readyz")).StatusCode == HttpStatusCode.OK);
        ImageDocument image = await service.UploadAsync();

        Task end = service.DrainAsync(TimeSpan.FromSeconds(60));

        await Service.Until(async () => (await service.Client.GetAsync("readyz")).StatusCode == HttpStatusCode.ServiceUnavailable);
        Assert.Equal("""{"status":"stopping"}""", await (await service.Client.GetAsync("readyz")).Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, (await service.Client.GetAsync("healthz")).StatusCode);
        Task<string> events = service.Client.GetStringAsync($"{Service.Images}/{image.Id}/events");
        encoder.Open();
        Assert.Contains("\"state\":\"ready\"", await events);
        await end;
        await Assert.ThrowsAsync<HttpRequestException>(() => service.Client.GetAsync("healthz"));
    }

    [Fact]
    public async Task AServiceThatEndsDoesNotWaitForever()
    {
        var encoder = new GatedEncoder();
        await using Service service = await Service.StartAsync(encoder: encoder);
        await service.UploadAsync();
        await Service.Until(() => Task.FromResult(encoder.Begun == 1));

        await service.DrainAsync(TimeSpan.FromMilliseconds(200));

        // The encoder learns of it on a thread of its own.
        await Service.Until(() => Task.FromResult(encoder.Cancelled == 1));
    }

    [Fact]
    public async Task SpansOfARequestAreOfOneTrace()
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ServerTrace.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (spans)
                    spans.Add(span);
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using Service service = await Service.StartAsync();
        ImageDocument image = await service.UploadReadyAsync();
        await MasksAsync(service, image.Id);

        // Other tests run services too.
        Activity[] All(string name)
        {
            lock (spans)
                return [.. spans.Where(span => span.OperationName == name)];
        }

        Activity Own(string name) => Assert.Single(All(name), span => Equals(span.GetTagItem(ServerTrace.Picture), image.Id[..8]));
        await Service.Until(() => Task.FromResult(All("upload").Any(span => span.TraceId == Own("queue").TraceId)));
        Assert.Equal(Own("queue").SpanId, Own("encode").ParentSpanId);
        Assert.Equal(202, All("upload").Single(span => span.TraceId == Own("queue").TraceId).GetTagItem(ServerTrace.Status));
        await Service.Until(() => Task.FromResult(All("predict").Any(span => All("decode").Any(decode => decode.ParentSpanId == span.SpanId))));
    }

    private static bool Answers(int port)
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<string> MasksAsync(Service service, string id)
    {
        PredictResponse answer = await service.PredictAsync(id, Click);
        return JsonSerializer.Serialize(answer with { Milliseconds = 0 }, ApiJson.Default.PredictResponse);
    }

    private Task<Service> StartAsync(IImageEncoder? encoder = null)
        => Service.StartAsync(options => options.Store = $"folder:{_folder.FullName}", encoder);
}
