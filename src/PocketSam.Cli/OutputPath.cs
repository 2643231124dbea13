namespace PocketSam.Cli;

/// <summary>Looks at where results are to go before any work is done.</summary>
internal static class OutputPath
{
    /// <summary>The folder must be there, and the path must end in one of the extensions if any are given.</summary>
    /// <exception cref="IOException">Says what is wrong with the path.</exception>
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

    /// <summary>No file may be where a folder is to be.</summary>
    /// <exception cref="IOException">One is.</exception>
    public static void RequireFolder(string path)
    {
        if (File.Exists(path))
            throw new IOException($"{path}: cannot be written (a file, where a folder is needed)");
    }

    /// <summary>A folder that is to be made may be there only where it is empty.</summary>
    /// <exception cref="IOException">Something is there.</exception>
    public static void RequireNewFolder(string path)
    {
        if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
            throw new IOException($"{path}: cannot be made (it is already there)");
    }

    /// <summary>Makes a folder where it is missing.</summary>
    /// <exception cref="IOException">It cannot be made; the message names it.</exception>
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

    /// <summary>The path itself for a single result, else with a number before the extension.</summary>
    public static string Numbered(string path, int index, int count)
        => count == 1 ? path : Path.ChangeExtension(path, null) + $"-{index + 1}" + Path.GetExtension(path);
}
