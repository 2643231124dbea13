using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PocketSam.Labelling.Api;
using PocketSam.Labelling.Live;
using PocketSam.Labelling.Storage;

namespace PocketSam.Labelling.Pictures;

/// <summary>Looks at the folder when the project opens, when the system tells of a change in it, and now and then.</summary>
internal sealed partial class FolderWatch(
    PictureFolder folder, ProjectDatabase database, EventHub hub, TimeProvider time, ILogger<FolderWatch> log) : BackgroundService
{
    /// <summary>Folders of other machines tell of no change.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(60);

    /// <summary>Changes come in droves.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _wanted = new(0, 1);

    /// <summary>Has it looked at soon.</summary>
    public void Ask()
    {
        try
        {
            if (_wanted.CurrentCount == 0)
                _wanted.Release();
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // It is asked for already, or the project is being closed.
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
                // A folder or a database that is gone for a while: what is known stays, and it is looked at again.
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
            watcher.Created += Told;
            watcher.Deleted += Told;
            watcher.Changed += Told;
            watcher.Renamed += (_, change) => TellOf(change.FullPath);
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception e) when (e is IOException or PlatformNotSupportedException or ArgumentException)
        {
            WatchFailed(log, e.Message);
            return null;
        }

        void Told(object _, FileSystemEventArgs change) => TellOf(change.FullPath);
    }

    /// <summary>The project's own file changes all the time.</summary>
    private void TellOf(string path)
    {
        if (!path.StartsWith(database.Name, StringComparison.Ordinal))
            Ask();
    }

    [LoggerMessage(1, LogLevel.Warning, "the folder of the pictures could not be looked at: {Reason}")]
    private static partial void ScanFailed(ILogger log, string reason);

    [LoggerMessage(2, LogLevel.Warning, "the folder of the pictures cannot be watched, and is looked at every minute: {Reason}")]
    private static partial void WatchFailed(ILogger log, string reason);
}
