namespace PocketSam;

/// <summary>
/// Writes files that are there whole or not at all. What is no plain file (a device, a pipe) is written to and stays what it
/// is, and so does a link, whose file is written.
/// </summary>
public static class AtomicFile
{
    private const int BufferSize = 1 << 16;

    /// <summary>
    /// Lets <paramref name="write"/> fill a temporary file beside <paramref name="path"/>, flushes it to the disk and
    /// renames it. Where anything fails (a full disk, a folder that is not there) the temporary file is removed and a
    /// file already at <paramref name="path"/> stays as it was; that of a process that was killed is removed by the next
    /// one that writes to the folder.
    /// </summary>
    /// <param name="path">The file; one that exists is replaced and keeps its mode.</param>
    /// <param name="write">Fills it, and may seek; what it throws passes through, but for what the disk is to blame for.</param>
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

    /// <summary>Whether the path names what the process has open, wherever that leads.</summary>
    private static bool IsDescriptor(string path)
        => path is "/dev/stdout" or "/dev/stderr" || path.StartsWith("/dev/fd/", StringComparison.Ordinal)
            || path.StartsWith("/proc/self/fd/", StringComparison.Ordinal);

    /// <summary>The file behind a link, whether it is there or not.</summary>
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
            // Renamed while it is open: by its lock others know that it is being written.
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

    /// <summary>Nothing is written of what fails, and what needs places to go back to has them.</summary>
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
            // The folder does not exist or cannot be written: there is nothing to remove, and the first error tells.
        }
    }
}
