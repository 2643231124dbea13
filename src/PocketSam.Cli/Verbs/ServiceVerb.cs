using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using PocketSam.Cli.Onnx;
using PocketSam.Cli.Reports;
using PocketSam.Cli.Words;
using PocketSam.Server;

namespace PocketSam.Cli.Verbs;

/// <summary>A verb that runs the HTTP service until it is stopped.</summary>
internal abstract class ServiceVerb : Verb
{
    private const string KeyVariable = "POCKETSAM_API_KEY";
    private const string CollectorVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string ServiceName = "pocketsam";
    private const string MeterName = "PocketSam";
    private const string Localhost = "localhost";
    private const string AnyAddress = "*";

    /// <summary>
    /// Bytes for the prompts of one search for words: half of the library's default, since two may run.
    /// </summary>
    private const long SearchBytes = 128 << 20;

    private readonly Option<string> _model = CommonOptions.Model();

    private readonly Option<int?> _imageSize = CommonOptions.ImageSize();

    private readonly Option<string?> _device = DeviceNames.Option("Compute the image encoder by ONNX Runtime on this (docs/gpu.md)");

    private readonly TextModelOptions _words = new();

    private readonly Option<int?> _port = CommonOptions.Number(
        "--port", "Port to listen on; 0 takes a free one", least: 0, byDefault: 8080, most: 65535);

    private readonly Option<string> _host = new("--host")
    {
        Description = "Address to listen on: of this machine, or '*' for all",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => IPAddress.Loopback.ToString(),
    };

    private readonly Option<string[]> _allowedHosts = new("--allow-host")
    {
        Description = "A name that browsers may use for this service, for instance behind a proxy",
        HelpName = "NAME",
    };

    private readonly Option<string?> _apiKey = new("--api-key")
    {
        Description = $"Ask clients for this key; better given as {KeyVariable} in the environment",
        HelpName = "KEY",
    };

    private readonly Option<int?> _cacheSize = CommonOptions.Number(
        "--cache-size", "Megabytes for pictures and their embeddings", least: 17, byDefault: 1024, most: 1 << 20);

    private readonly Option<int?> _cacheMinutes = CommonOptions.Number(
        "--cache-minutes", "Minutes that a picture is kept after its last use", least: 1, byDefault: 60, most: 43200);

    private readonly Option<int?> _maxUpload = CommonOptions.Number(
        "--max-upload", "Largest file in megabytes", least: 1, byDefault: 32, most: 1024);

    private readonly Option<int?> _maxMegapixels = CommonOptions.Number(
        "--max-megapixels", "Largest picture in millions of pixels", least: 1, byDefault: 64, most: 500);

    private readonly Option<int?> _queue = CommonOptions.Number(
        "--queue", "Pictures that may wait to be encoded", least: 1, byDefault: 16, most: 1024);

    private readonly Option<int?> _rate = CommonOptions.Number(
        "--rate", "Requests a second that one client may send", least: 1, byDefault: 200, most: 100_000);

    private readonly Option<int?> _browserEmbedding = CommonOptions.Number(
        "--browser-embedding", "Largest embedding in megabytes that the page is given to make masks itself; 0 leaves all to the service",
        least: 0, byDefault: 4, most: 64);

    private readonly Option<string> _store = new("--store")
    {
        Description = "Where several services share pictures, so that each answers for all: a folder that all see, or a Redis; 'memory' shares nothing",
        HelpName = "memory|folder:PATH|redis:HOST",
        DefaultValueFactory = _ => "memory",
    };

    private readonly Option<int?> _drain = CommonOptions.Number(
        "--drain", "Seconds that requests have to finish when it is told to end; a second signal ends at once", least: 0, byDefault: 10, most: 3600);

    private readonly Option<int?> _notice = CommonOptions.Number(
        "--drain-notice", "Seconds in which it still takes requests while readyz says 503, for load balancers that watch it", least: 0, byDefault: 0, most: 3600);

    /// <param name="name">Name of the verb.</param>
    /// <param name="description">One line for the list of verbs.</param>
    /// <param name="own">Arguments and options of the verb itself.</param>
    /// <param name="examples">Complete command lines for the help.</param>
    protected ServiceVerb(string name, string description, Symbol[] own, params string[] examples)
        : base(name, description, examples)
        => Accept(
            [
                .. own, _model, _imageSize, _device, .. _words.Symbols, _port, _host, _allowedHosts, _apiKey, _cacheSize, _cacheMinutes, _maxUpload,
                _maxMegapixels, _queue, _rate, _browserEmbedding, _store, _drain, _notice,
            ]);

    protected override void Declare(ParseResult arguments, RunFiles files)
    {
        files.ReadModel(arguments.GetRequiredValue(_model));
        files.ReadModel(_words.ModelOf(arguments));
    }

    /// <summary>Runs the service until it is cancelled.</summary>
    /// <param name="arguments">The arguments, parsed without errors.</param>
    /// <param name="terminal">Receives the address of the page and messages.</param>
    /// <param name="page">Path of the page, without a leading slash.</param>
    /// <param name="services">Adds services.</param>
    /// <param name="map">Adds endpoints.</param>
    /// <param name="cancellation">Stops the service.</param>
    protected void Serve(
        ParseResult arguments, Terminal terminal, string page, Action<IServiceCollection> services, Action<WebApplication> map,
        CancellationToken cancellation)
    {
        IPAddress address = Address(arguments.GetRequiredValue(_host));
        int port = arguments.GetRequiredValue(_port)!.Value;
        using DeviceModel loaded = DeviceModel.Load(
            arguments.GetRequiredValue(_model), arguments.GetValue(_device), arguments.GetValue(_imageSize), cancellation);
        Sam sam = loaded.Sam;
        ITextGrounder? grounder = _words.GrounderOf(
            arguments, sam, WordGrounder.MasksFor(sam.Config) with { MemoryBudget = SearchBytes });
        string? key = arguments.GetValue(_apiKey) ?? Environment.GetEnvironmentVariable(KeyVariable);
        using WebApplication application = PocketSamApplication.Create(
            new IPEndPoint(address, port),
            options =>
            {
                options.ImageSize = arguments.GetValue(_imageSize);
                options.ApiKey = string.IsNullOrEmpty(key) ? null : key;
                options.CacheBytes = (long)arguments.GetRequiredValue(_cacheSize)!.Value * 1_000_000;
                options.CacheAge = TimeSpan.FromMinutes(arguments.GetRequiredValue(_cacheMinutes)!.Value);
                options.MaxUploadBytes = arguments.GetRequiredValue(_maxUpload)!.Value * 1_000_000;
                options.MaxPixels = arguments.GetRequiredValue(_maxMegapixels)!.Value * 1_000_000;
                options.BrowserEmbeddingBytes = arguments.GetRequiredValue(_browserEmbedding)!.Value * 1_000_000;
                options.Store = arguments.GetRequiredValue(_store);
                options.QueueLength = arguments.GetRequiredValue(_queue)!.Value;
                options.RequestsPerSecond = arguments.GetRequiredValue(_rate)!.Value;
                foreach (string name in arguments.GetValue(_allowedHosts) ?? [])
                    options.AllowedHosts.Add(name);
            },
            logging => Log(logging, terminal),
            collection =>
            {
                Add(collection, sam);
                if (grounder is not (null or WordGrounder)) // The service itself provides the words of its model.
                    collection.AddSingleton(grounder);
                services(collection);
            });
        map(application);
        if (!IPAddress.IsLoopback(address) && string.IsNullOrEmpty(key))
            terminal.Error.WriteLine($"{address} can be reached from other machines, and no --api-key is asked for");
        Start(application, new IPEndPoint(address, port));
        string url = Url(application, address) + page;
        TextOf(terminal).WriteLine($"PocketSam is at {url} (Ctrl+C ends it)");
        WriteJson(arguments, terminal, new ServeReport(url, sam.Name), ServeJson.Default.ServeReport);
        cancellation.WaitHandle.WaitOne();
        int most = arguments.GetRequiredValue(_drain)!.Value, notice = arguments.GetRequiredValue(_notice)!.Value;
        PocketSamApplication.DrainAsync(application, TimeSpan.FromSeconds(notice), TimeSpan.FromSeconds(Math.Max(most, notice)))
            .GetAwaiter().GetResult();
    }

    /// <summary>
    /// Registers the model, and OpenTelemetry's exporters if its environment variable names a collector.
    /// </summary>
    private static void Add(IServiceCollection services, Sam sam)
    {
        services.AddSingleton(sam);
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(CollectorVariable)))
            return;
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(ServiceName))
            .WithTracing(traces => traces.AddSource(MeterName, "Microsoft.AspNetCore").AddOtlpExporter())
            .WithMetrics(metrics => metrics.AddMeter(MeterName, "Microsoft.AspNetCore.Hosting").AddOtlpExporter());
    }

    private static IPAddress Address(string host) => host switch
    {
        Localhost => IPAddress.Loopback,
        AnyAddress => IPAddress.IPv6Any,
        _ when IPAddress.TryParse(host, out IPAddress? address) => address,
        _ => throw new UsageException(
            $"--host {host}: expected an address of this machine, such as 127.0.0.1 or 0.0.0.0, or '*'"),
    };

    /// <summary>
    /// Logs lines of text on a terminal and JSON elsewhere, to standard error; standard output is for results.
    /// </summary>
    private static void Log(ILoggingBuilder logging, Terminal terminal)
    {
        logging.Services.Configure<ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (terminal.IsInteractive)
        {
            logging.AddSimpleConsole(console => console.SingleLine = true);
            logging.SetMinimumLevel(LogLevel.Warning);
        }
        else
        {
            logging.AddJsonConsole(console => console.TimestampFormat = "O");
            logging.AddFilter("Microsoft", LogLevel.Warning);
        }
    }

    private static void Start(WebApplication application, IPEndPoint place)
    {
        try
        {
            application.StartAsync().GetAwaiter().GetResult();
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new IOException(
                $"port {place.Port} of {place.Address} is in use; give another with --port, or 0 for a free one", e);
        }
        catch (SocketException e)
        {
            throw new IOException($"cannot listen on {place}: {e.Message}", e);
        }
    }

    /// <summary>An address that a browser on this machine can open.</summary>
    private static string Url(WebApplication application, IPAddress address)
    {
        int port = new Uri(application.Urls.First()).Port;
        bool isAny = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
        return $"http://{new IPEndPoint(isAny ? IPAddress.Loopback : address, port)}/";
    }
}
