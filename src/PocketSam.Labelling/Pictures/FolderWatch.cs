using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Live;
using PocketSam.Labelling.Storage;

namespace PocketSam.Labelling.Pictures;

/// <summary>
/// Scans the folder when the project opens, when the operating system reports a change in it, and once a minute.
/// </summary>
internal sealed partial class FolderWatch(
    PictureFolder folder, ProjectDatabase database, EventHub hub, TimeProvider time, ILogger<FolderWatch> log) : BackgroundService
{
    /// <summary>The interval between scans, because network folders report no changes.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(60);

    /// <summary>The delay between a change and the scan, because changes come in bursts.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _wanted = new(0, 1);

    /// <summary>Requests a scan soon.</summary>
    public void RequestScan()
    {
        try
        {
            if (_wanted.CurrentCount == 0)
                _wanted.Release();
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // A scan is already requested, or the project is being closed.
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _wanted.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using FileSystemWatcher? watcher = Watch();
        var scan = new FolderScan(folder, database);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await scan.RunAsync(() => hub.Send(new EventDocument(EventKinds.Pictures)), stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // The folder or database is unavailable for a while. The list stays as it is, and the scan is repeated.
                ScanFailed(log, e.Message);
            }

            await _wanted.WaitAsync(Period, stoppingToken);
            await Task.Delay(Quiet, time, stoppingToken);
        }
    }

    private FileSystemWatcher? Watch()
    {
        try
        {
            var watcher = new FileSystemWatcher(folder.Path)
            {
                IncludeSubdirectories = true,
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
            };
            watcher.Created += OnChange;
            watcher.Deleted += OnChange;
            watcher.Changed += OnChange;
            watcher.Renamed += (_, change) => RequestScanFor(change.FullPath);
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception e) when (e is IOException or PlatformNotSupportedException or ArgumentException)
        {
            WatchFailed(log, e.Message);
            return null;
        }

        void OnChange(object _, FileSystemEventArgs change) => RequestScanFor(change.FullPath);
    }

    /// <summary>
    /// Requests a scan for a change of a file, unless it is the project's own, which changes all the time.
    /// </summary>
    private void RequestScanFor(string path)
    {
        if (!path.StartsWith(database.Name, StringComparison.Ordinal))
            RequestScan();
    }

    [LoggerMessage(1, LogLevel.Warning, "the folder of the pictures could not be looked at: {Reason}")]
    private static partial void ScanFailed(ILogger log, string reason);

    [LoggerMessage(2, LogLevel.Warning, "the folder of the pictures cannot be watched, and is looked at every minute: {Reason}")]
    private static partial void WatchFailed(ILogger log, string reason);
}
