using System.Diagnostics;
using System.Globalization;

namespace PocketSam.Page.Tests;

/// <summary><c>pocketsam serve</c> or <c>label</c> as a process of its own, so that it can be killed.</summary>
internal sealed class Service : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>A folder without models: the service answers with the small one that is always there.</summary>
    private static readonly string NoModels = AppContext.BaseDirectory;

    /// <summary>Lines that may come before the one with the address.</summary>
    private const int FewLines = 5;

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
    public static Task<Service> StartAsync(int port = 0, params string[] arguments)
        => StartAsync(["serve", "--port", Text(port), "--rate", "100000", .. arguments]);

    /// <summary><c>pocketsam label</c> of a folder.</summary>
    /// <param name="folder">The pictures.</param>
    /// <param name="port">0 takes a free one.</param>
    /// <param name="arguments">More of the command line.</param>
    public static Task<Service> LabelAsync(string folder, int port = 0, params string[] arguments)
        => StartAsync(["label", folder, "--port", Text(port), .. arguments]);

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

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    private static async Task<Service> StartAsync(string[] command)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "PocketSam.Cli.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. command]) { RedirectStandardOutput = true };
        start.Environment["POCKETSAM_MODELS"] = NoModels;
        Process process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        string? line = null;
        for (int i = 0; i < FewLines && (line = await process.StandardOutput.ReadLineAsync(patience.Token)) is not null; i++)
        {
            if (line.Split(' ').FirstOrDefault(word => word.StartsWith("http", StringComparison.Ordinal)) is { } url)
                return new Service(process, url);
        }

        throw new InvalidOperationException($"the service said '{line}' where its address should be");
    }
}
