using System.Diagnostics;
using System.Globalization;

namespace PocketSam.Page.Tests;

/// <summary><c>pocketsam serve</c> or <c>label</c> as a process of its own, so that it can be killed.</summary>
internal sealed class Service : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>A folder without models: the service answers with the small one that is always there.</summary>
    private static readonly string NoModels = AppContext.BaseDirectory;

    private readonly Process _process;

    private Service(Process process, string url)
    {
        _process = process;
        Url = url;
    }

    /// <summary>Where the page is, with a slash at the end.</summary>
    public string Url { get; }

    public int Port => new Uri(Url).Port;

    /// <param name="port">0 takes a free one.</param>
    /// <param name="arguments">More of the command line.</param>
    public static Task<Service> StartAsync(int port = 0, params string[] arguments) => StartAsync(["serve"], port, arguments);

    /// <summary>A labelling project.</summary>
    /// <param name="folder">Its pictures; its file lies there too.</param>
    /// <param name="port">0 takes a free one.</param>
    /// <param name="arguments">More of the command line.</param>
    public static Task<Service> StartLabelAsync(string folder, int port = 0, params string[] arguments)
        => StartAsync(["label", folder], port, arguments);

    private static async Task<Service> StartAsync(string[] verb, int port, string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "PocketSam.Cli.dll");
        string[] command =
            [program, .. verb, "--port", port.ToString(CultureInfo.InvariantCulture), "--rate", "100000", .. arguments];
        var start = new ProcessStartInfo("dotnet", command) { RedirectStandardOutput = true };
        start.Environment["POCKETSAM_MODELS"] = NoModels;
        Process process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        string? line = await process.StandardOutput.ReadLineAsync(patience.Token);
        string? url = line?.Split(' ').FirstOrDefault(word => word.StartsWith("http", StringComparison.Ordinal));
        return new Service(process, url ?? throw new InvalidOperationException($"the service said '{line}' where its address should be"));
    }

    /// <summary>As a crash would end it.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
    }
}
