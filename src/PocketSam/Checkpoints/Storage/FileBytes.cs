using Microsoft.Win32.SafeHandles;

namespace PocketSam.Checkpoints.Storage;

/// <summary>
/// An open file, read on demand and never memory-mapped: its pages do not count as the process's memory.
/// </summary>
internal sealed class FileBytes : ByteSource
{
    private readonly SafeFileHandle _handle;

    private FileBytes(SafeFileHandle handle, string path)
        : base(path, RandomAccess.GetLength(handle))
        => _handle = handle;

    /// <exception cref="IOException">The file does not exist or cannot be read.</exception>
    public static FileBytes Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
            throw new CheckpointFormatException(path, "a folder, not a checkpoint");
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file", path);
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path);
            return new FileBytes(handle, path);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or NotSupportedException)
        {
            // Not supported: a pipe or a device, which cannot seek.
            handle?.Dispose();
            throw new IOException($"{path}: cannot be read ({e.Message})", e);
        }
    }

    public override void Dispose() => _handle.Dispose();

    protected override void Fill(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int read = RandomAccess.Read(_handle, destination, offset);
            if (read == 0)
                throw new CheckpointFormatException(Name, "has become shorter while it was read");
            destination = destination[read..];
            offset += read;
        }
    }
}
