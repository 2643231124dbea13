namespace PocketSam;

/// <summary>Writes files that are there whole or not at all.</summary>
public static class AtomicFile
{
    /// <summary>
    /// Lets <paramref name="write"/> fill a temporary file beside <paramref name="path"/>, flushes it to the disk and
    /// renames it. Where anything fails (a full disk, a folder that is not there) the temporary file is removed and a
    /// file already at <paramref name="path"/> stays as it was.
    /// </summary>
    /// <exception cref="IOException">The file cannot be written; the message names it.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e)
        {
            try
            {
                File.Delete(temporary);
            }
            catch (Exception clean) when (clean is IOException or UnauthorizedAccessException)
            {
                // The first failure is the one to tell.
            }

            if (e is IOException or UnauthorizedAccessException)
                throw new IOException($"cannot write {path}: {e.Message}", e);
            throw;
        }
    }
}
