namespace PocketSam.Cli;

/// <summary>Checks output paths before any work is done.</summary>
internal static class OutputPath
{
    /// <summary>
    /// Requires that the path's folder exists, and that the path has one of the extensions, if any are given.
    /// </summary>
    /// <exception cref="IOException">The path cannot be used; the message says why.</exception>
    public static void Require(string path, params ReadOnlySpan<string> extensions)
    {
        string? folder = Path.GetDirectoryName(path);
        if (Directory.Exists(path))
            throw new IOException($"{path}: cannot be written (it is a folder)");
        if (!string.IsNullOrEmpty(folder) && !Directory.Exists(folder))
            throw new IOException($"{path}: cannot be written (there is no folder {folder})");
        if (!extensions.IsEmpty && !extensions.Contains(Path.GetExtension(path).ToLowerInvariant()))
            throw new IOException($"{path}: cannot be written (name it {string.Join(" or ", extensions)})");
    }

    /// <summary>Requires that the path of a folder is not a file.</summary>
    /// <exception cref="IOException">The path is a file.</exception>
    public static void RequireFolder(string path)
    {
        if (File.Exists(path))
            throw new IOException($"{path}: cannot be written (a file, where a folder is needed)");
    }

    /// <summary>Requires that a new folder does not exist or is empty.</summary>
    /// <exception cref="IOException">The path is a file, or a folder that is not empty.</exception>
    public static void RequireNewFolder(string path)
    {
        if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
            throw new IOException($"{path}: cannot be made (it is already there)");
    }

    /// <summary>Creates a folder if it is missing.</summary>
    /// <exception cref="IOException">The folder cannot be created; the message names it.</exception>
    public static void CreateFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{folder}: cannot be written ({e.Message})", e);
        }
    }

    /// <summary>
    /// The path itself for a single result, else with the result's number, from 1, before the extension.
    /// </summary>
    public static string Numbered(string path, int index, int count)
        => count == 1 ? path : Path.ChangeExtension(path, null) + $"-{index + 1}" + Path.GetExtension(path);
}
