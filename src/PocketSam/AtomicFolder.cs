namespace PocketSam;

/// <summary>Makes folders that are there whole or not at all.</summary>
public static class AtomicFolder
{
    /// <summary>
    /// Lets <paramref name="fill"/> fill a temporary folder beside <paramref name="path"/>, which then takes the place of
    /// the folder that is there, if there is one. Where anything fails the temporary folder is removed; one that a killed
    /// process has left is removed by the next.
    /// </summary>
    /// <param name="path">The folder; one that exists is replaced.</param>
    /// <param name="fill">Is given the temporary folder.</param>
    /// <exception cref="IOException">The folder cannot be written; the message names it.</exception>
    public static void Write(string path, Action<string> fill)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(fill);
        path = Path.TrimEndingDirectorySeparator(path);
        string temporary = TemporaryPath.For(path), lockPath = Path.Combine(temporary, TemporaryPath.LockName);
        try
        {
            Create(path, temporary);
            using (new FileStream(lockPath, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
                fill(temporary);
            File.Delete(lockPath);
            Rename(temporary, path);
        }
        finally
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
        }
    }

    private static void Create(string path, string temporary)
    {
        try
        {
            Directory.CreateDirectory(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path}: cannot be written ({e.Message})", e);
        }
    }

    private static void Rename(string temporary, string path)
    {
        try
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
            Directory.Move(temporary, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path}: cannot be written ({e.Message})", e);
        }
    }
}
