namespace PocketSam;

/// <summary>
/// Writes files completely or not at all. A path to something other than a plain file (a device, a pipe) is written
/// through, and a link stays a link: its target is written.
/// </summary>
public static class AtomicFile
{
    private const int BufferSize = 1 << 16;

    /// <summary>
    /// Lets <paramref name="write"/> fill a temporary file beside <paramref name="path"/>, flushes it to the disk and
    /// renames it. On any failure (a full disk, a missing folder) the temporary file is removed and an existing file at
    /// <paramref name="path"/> stays as it was. The temporary file of a killed process is removed by the next process
    /// that writes to the folder.
    /// </summary>
    /// <param name="path">The file; an existing one is replaced and keeps its mode.</param>
    /// <param name="write">Fills the stream, which can seek. Its exceptions pass through, except that those of the file
    /// system become an <see cref="IOException"/>.</param>
    /// <exception cref="IOException">The file cannot be written; the message names it.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        try
        {
            switch (FileIdentity.Of(path)?.Kind)
            {
                case FileKind.Special:
                    WriteThrough(path, FileMode.Open, write);
                    break;
                case FileKind.Plain when IsDescriptor(path):
                    WriteThrough(path, FileMode.Append, write);
                    break;
                case FileKind.Folder:
                    throw new IOException("it is a folder");
                default:
                    Replace(Target(path), write);
                    break;
            }
        }
        catch (Exception e)
        {
            string? reason = e switch
            {
                DirectoryNotFoundException => "no such folder",
                UnauthorizedAccessException => "permission denied",
                IOException => e.Message,
                _ => null,
            };
            if (reason is null)
                throw;
            throw new IOException($"{path}: cannot be written ({reason})", e);
        }
    }

    /// <summary>Whether the path names a file descriptor of this process, whatever that leads to.</summary>
    private static bool IsDescriptor(string path)
        => path is "/dev/stdout" or "/dev/stderr" || path.StartsWith("/dev/fd/", StringComparison.Ordinal)
            || path.StartsWith("/proc/self/fd/", StringComparison.Ordinal);

    /// <summary>The target of a link, whether it exists or not; the path itself if it is no link.</summary>
    private static string Target(string path)
    {
        var file = new FileInfo(path);
        return file.LinkTarget is null ? path : file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
    }

    private static void Replace(string path, Action<Stream> write)
    {
        string temporary = TemporaryPath.For(path);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            BufferSize = BufferSize,
        };
        UnixFileMode? mode = !OperatingSystem.IsWindows() && File.Exists(path) ? File.GetUnixFileMode(path) : null;
        if (!OperatingSystem.IsWindows() && mode is not null)
            options.UnixCreateMode = mode;
        try
        {
            // The rename happens while the file is open: the lock tells other processes that it is being written.
            using var stream = new FileStream(temporary, options);
            if (!OperatingSystem.IsWindows() && mode is { } kept)
                File.SetUnixFileMode(stream.SafeFileHandle, kept);
            write(stream);
            stream.Flush(flushToDisk: true);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            RemoveIfThere(temporary);
            throw;
        }
    }

    /// <summary>
    /// Writes to a temporary file first: nothing is written if that fails, and <paramref name="write"/> can seek.
    /// </summary>
    private static void WriteThrough(string path, FileMode mode, Action<Stream> write)
    {
        using var whole = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None,
            BufferSize, FileOptions.DeleteOnClose);
        write(whole);
        whole.Position = 0;
        using var stream = new FileStream(path, mode, FileAccess.Write, FileShare.ReadWrite);
        whole.CopyTo(stream);
    }

    private static void RemoveIfThere(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder does not exist or is read-only: there is nothing
            // to remove, and the first error is the one to report.
        }
    }
}
