namespace PocketSam.Server.Stores;

/// <summary>
/// Stores values in a folder that all replicas see: one file for each value, in subfolders by the first two characters
/// of the key. A file's write time is the time of its last use; each replica removes old files.
/// </summary>
internal sealed class FolderStore : IBlobStore
{
    private readonly string _folder;
    private readonly TimeSpan _age;
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;

    /// <param name="folder">The folder; created if missing.</param>
    /// <param name="age">How long a value is kept after its last use.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="IOException">The folder cannot be created.</exception>
    public FolderStore(string folder, TimeSpan age, TimeProvider time)
    {
        (_folder, _age, _time) = (Path.GetFullPath(folder), age, time);
        try
        {
            Directory.CreateDirectory(_folder);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }

        TimeSpan period = TimeSpan.FromTicks(Math.Min(age.Ticks / 4, TimeSpan.TicksPerMinute));
        _sweep = time.CreateTimer(_ => RemoveOld(), null, period, period);
    }

    public Task WriteAsync(string key, byte[] value, CancellationToken cancellation) => Task.Run(
        () =>
        {
            string path = PathOf(key);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            AtomicFile.Write(path, stream => stream.Write(value));
        },
        cancellation);

    public async Task<byte[]?> ReadAsync(string key, CancellationToken cancellation)
    {
        try
        {
            return await File.ReadAllBytesAsync(PathOf(key), cancellation);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public Task<bool> TouchAsync(string key, CancellationToken cancellation)
    {
        string path = PathOf(key);
        try
        {
            File.SetLastWriteTimeUtc(path, _time.GetUtcNow().UtcDateTime);
            return Task.FromResult(true);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult(false);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    public Task<bool> RemoveAsync(string key, CancellationToken cancellation)
    {
        string path = PathOf(key);
        bool isThere = File.Exists(path);
        if (isThere)
            File.Delete(path);
        return Task.FromResult(isThere);
    }

    public void Dispose() => _sweep.Dispose();

    private string PathOf(string key) => Path.Combine(_folder, key[..2], key);

    private void RemoveOld()
    {
        DateTime oldest = _time.GetUtcNow().UtcDateTime - _age;
        try
        {
            foreach (string path in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories))
            {
                if (File.GetLastWriteTimeUtc(path) < oldest)
                    File.Delete(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another replica may be removing it; the next sweep tries again.
        }
    }
}
