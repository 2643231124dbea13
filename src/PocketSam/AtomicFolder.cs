namespace PocketSam;

/// <summary>Makes folders completely or not at all.</summary>
public static class AtomicFolder
{
    /// <summary>
    /// Lets <paramref name="fill"/> fill a temporary folder beside <paramref name="path"/>, which then replaces the
    /// folder there, if any. On any failure the temporary folder is removed. That of a killed process is removed by the
    /// next process that writes to the parent folder.
    /// </summary>
    /// <param name="path">The folder; an existing one is replaced.</param>
    /// <param name="fill">Receives the path of the temporary folder.</param>
    /// <exception cref="IOException">The folder cannot be written; the message names it.</exception>
    public static void Write(string path, Action<string> fill)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(fill);
        path = Path.TrimEndingDirectorySeparator(path);
        string temporary = TemporaryPath.For(path), lockPath = Path.Combine(temporary, TemporaryPath.LockName);
        try
        {
            Try(path, () => Directory.CreateDirectory(temporary));
            using (new FileStream(lockPath, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
                fill(temporary);
            File.Delete(lockPath);
            Try(path, () => Replace(path, temporary));
        }
        finally
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
        }
    }

    /// <summary>Replaces the old folder by the temporary one; on failure the old folder stays as it was.</summary>
    private static void Replace(string path, string temporary)
    {
        if (!Directory.Exists(path))
        {
            Directory.Move(temporary, path);
            return;
        }

        string old = TemporaryPath.For(path);
        Directory.Move(path, old);
        try
        {
            Directory.Move(temporary, path);
        }
        catch
        {
            Directory.Move(old, path);
            throw;
        }

        Directory.Delete(old, recursive: true);
    }

    private static void Try(string path, Action act)
    {
        try
        {
            act();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path}: cannot be written ({e.Message})", e);
        }
    }
}
