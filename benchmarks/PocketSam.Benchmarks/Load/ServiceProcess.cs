using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace PocketSam.Benchmarks.Load;

/// <summary>The service as a process of its own.</summary>
internal sealed class ServiceProcess : IDisposable
{
    private readonly Process _process;

    private ServiceProcess(Process process, Uri url) => (_process, Url) = (process, url);

    public Uri Url { get; }

    /// <summary>Starts what the working copy has built last.</summary>
    public static async Task<ServiceProcess> StartAsync(string root, int cacheMegabytes, int maxUploadMegabytes)
    {
        string program = Path.Combine(root, "src/PocketSam.Cli/bin/Release/net10.0/PocketSam.Cli.dll");
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in (string[])
            [program, "serve", "--model", "default", "--port", "0", "--json", "-", "--rate", "100000", "--queue", "64",
             "--cache-size", Text(cacheMegabytes), "--max-upload", Text(maxUploadMegabytes)])
        {
            start.ArgumentList.Add(argument);
        }

        Process process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        string line = await process.StandardOutput.ReadLineAsync()
            ?? throw new IOException("the service did not start; build it first");
        JsonNode report = JsonNode.Parse(line + await ReadRestAsync(process, line))!;
        return new ServiceProcess(process, new Uri((string)report["url"]!));
    }

    /// <summary>Memory that is in use now, bytes.</summary>
    public long Resident() => Status("VmRSS");

    /// <summary>The most that has been in use, bytes.</summary>
    public long Peak() => Status("VmHWM");

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>A report may take several lines.</summary>
    private static async Task<string> ReadRestAsync(Process process, string first)
    {
        string rest = "";
        while (!(first + rest).TrimEnd().EndsWith('}'))
            rest += await process.StandardOutput.ReadLineAsync();
        return rest;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private long Status(string name)
    {
        string path = $"/proc/{_process.Id}/status";
        if (!File.Exists(path))
        {
            _process.Refresh();
            return name == "VmHWM" ? _process.PeakWorkingSet64 : _process.WorkingSet64;
        }

        string line = File.ReadLines(path).First(l => l.StartsWith(name, StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
