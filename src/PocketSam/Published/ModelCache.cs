using System.Globalization;
using PocketSam.Published;

namespace PocketSam;

/// <summary>
/// A folder of published weights: downloaded on first use, verified, and converted to half precision as
/// <c>NAME.safetensors</c>. Processes may share it.
/// </summary>
/// <param name="folder">The folder; created if missing.</param>
public sealed class ModelCache(string folder)
{
    private const string Extension = ".safetensors";

    /// <summary>
    /// The user's cache: <c>pocketsam/models</c> in <c>XDG_CACHE_HOME</c> if set; otherwise in <c>LOCALAPPDATA</c> on
    /// Windows, <c>~/Library/Caches</c> on macOS, <c>~/.cache</c> elsewhere.
    /// </summary>
    public static ModelCache Default => new(Path.Combine(UserCache(), "pocketsam", "models"));

    /// <summary>Path of the folder.</summary>
    public string Folder { get; } = folder;

    /// <summary>Free bytes on the drive of a folder; replaced by tests.</summary>
    internal Func<string, long> FreeBytes { get; init; } = FreeBytesOf;

    /// <summary>
    /// Path of a model: the file made by <see cref="PullAsync"/>, otherwise the publisher's file that was put into the
    /// folder by hand; null if there is neither.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <exception cref="IOException">The file was changed after it was pulled.</exception>
    public string? PathOf(PublishedModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        string target = TargetOf(model), original = OriginalOf(model);
        if (!File.Exists(target))
            return File.Exists(original) ? original : null;
        return !PulledFile.IsChanged(target) ? target : throw new IOException(
            $"{target}: was changed after it was pulled; 'pocketsam pull {model.Name} --again' fetches it anew");
    }

    /// <summary>The path at which the publisher's file may be put by hand.</summary>
    /// <param name="model">The model.</param>
    public string OriginalOf(PublishedModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Path.Combine(Folder, model.FileName);
    }

    /// <summary>
    /// Downloads, verifies and converts a model that is not in the folder. Resumes an interrupted download. Waits for
    /// another process that pulls the same model.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="again">Whether to download it even if it is present.</param>
    /// <param name="progress">Receives the bytes that are present.</param>
    /// <param name="cancellation">Stops the pull; downloaded bytes stay for the next attempt.</param>
    /// <returns>Path of the converted file.</returns>
    /// <exception cref="IOException">The publisher cannot be reached, the connection
    /// is lost, the content is not the published one, the folder cannot be written,
    /// or there is no room; the message says which, and what to do.</exception>
    /// <exception cref="OperationCanceledException">The pull is cancelled.</exception>
    public async Task<string> PullAsync(
        PublishedModel model, bool again = false, IProgress<PullProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        string target = TargetOf(model), original = OriginalOf(model);
        try
        {
            Directory.CreateDirectory(Folder);
            using IDisposable gate = await FileGate.EnterAsync(Path.Combine(Folder, model.Name + ".lock"), cancellation).ConfigureAwait(false);
            if (!again && File.Exists(target) && !PulledFile.IsChanged(target))
                return target;
            await FetchConfigurationAsync(model, again, cancellation).ConfigureAwait(false);
            if (!again && File.Exists(original))
            {
                await Task.Run(() => Convert(model, original, original, target, cancellation), cancellation).ConfigureAwait(false);
                return target;
            }

            string part = original + ".part";
            var download = new Download(model.Address, part, model is not { Sha256: null, GitBlob: null });
            await FetchAsync(model, download, progress, cancellation).ConfigureAwait(false);
            try
            {
                await Task.Run(() => Convert(model, part, model.Address.ToString(), target, cancellation), cancellation)
                    .ConfigureAwait(false);
            }
            catch (CheckpointFormatException)
            {
                download.DeletePart();
                throw;
            }

            download.DeletePart();
            return target;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{Folder}: cannot be written (permission denied)", e);
        }
    }

    /// <summary>Downloads the configuration of a CLIP model, if it is missing.</summary>
    private async Task FetchConfigurationAsync(PublishedModel model, bool again, CancellationToken cancellation)
    {
        if (ConfigurationOf(model) is not { } path || (!again && File.Exists(path)))
            return;
        var download = new Download(model.ClipConfiguration!, path + ".part", isVerified: false);
        try
        {
            await download.RunAsync(bytes => RequireRoom(model, bytes), progress: null, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new IOException(
                $"{model.ClipConfiguration}: cannot be had ({e.Message}); fetch it where there is a network, and put it at {path}", e);
        }

        File.Move(path + ".part", path, overwrite: true);
        download.DeletePart();
    }

    private string? ConfigurationOf(PublishedModel model)
        => model.ClipConfiguration is null ? null : Path.ChangeExtension(OriginalOf(model), ".json");

    private async Task FetchAsync(
        PublishedModel model, Download download, IProgress<PullProgress>? progress, CancellationToken cancellation)
    {
        PullProgress reached = default;
        try
        {
            await download.RunAsync(bytes => RequireRoom(model, bytes), new Relay(value =>
            {
                reached = value;
                progress?.Report(value);
            }), cancellation).ConfigureAwait(false);
        }
        catch (HttpRequestException e) when (e.StatusCode is { } status)
        {
            throw new IOException($"{model.Address}: the publisher answers {(int)status} ({status})", e);
        }
        catch (HttpRequestException e) when (reached.Bytes == 0)
        {
            throw new IOException(
                $"{model.Address}: cannot be reached ({e.Message}); fetch it where there is a network, and put it at {OriginalOf(model)}", e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException && reached.Bytes > 0)
        {
            string total = reached.TotalBytes is { } bytes ? $" of {Describe(bytes)}" : "";
            throw new IOException($"{model.Address}: stopped after {Describe(reached.Bytes)}{total} ({e.Message}); pull it again to go on", e);
        }
    }

    /// <summary>Verifies a publisher's file, which messages call <paramref name="name"/>, and converts it.</summary>
    private void Convert(PublishedModel model, string source, string name, string target, CancellationToken cancellation)
    {
        FileDigests digests = FileDigests.Of(source, cancellation);
        Require("SHA-256", model.Sha256, digests.Sha256);
        Require("git's id", model.GitBlob, digests.GitBlob);
        PulledFile.DeleteRecord(target);
        try
        {
            HalfPrecision.Write(source, target, model, ConfigurationOf(model), cancellation);
        }
        catch (CheckpointFormatException e)
        {
            throw new CheckpointFormatException(name, $"not what was published: {e.Message}", e);
        }

        PulledFile.Write(target, model.Address, digests.Sha256);

        void Require(string what, string? expected, string actual)
        {
            if (expected is not null && expected != actual)
                throw new CheckpointFormatException(name, $"not what was published: {what} is {actual}, not {expected}");
        }
    }

    /// <summary>
    /// Requires room for the missing bytes of the download and for the converted file, which has half its size.
    /// </summary>
    private void RequireRoom(PublishedModel model, long missing)
    {
        long needed = missing + model.Megabytes * 500_000L, free = FreeBytes(Folder);
        if (free < needed)
            throw new IOException($"{Folder}: {Describe(needed)} are needed and {Describe(free)} are free");
    }

    private string TargetOf(PublishedModel model) => Path.Combine(Folder, model.Name + Extension);

    private static long FreeBytesOf(string folder)
        => new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(Path.GetFullPath(folder))! : Path.GetFullPath(folder)).AvailableFreeSpace;

    private static string Describe(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB");

    private static string UserCache()
    {
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set && Path.IsPathRooted(set))
            return set;
        if (OperatingSystem.IsWindows())
            return Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches") : Path.Combine(home, ".cache");
    }

    /// <summary>Reports on the calling thread, unlike <see cref="Progress{T}"/>.</summary>
    private sealed class Relay(Action<PullProgress> report) : IProgress<PullProgress>
    {
        public void Report(PullProgress value) => report(value);
    }
}
