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

    /// <summary>The path itself for a single result, else with a number before the extension.</summary>
    public static string Numbered(string path, int index, int count)
        => count == 1 ? path : Path.ChangeExtension(path, null) + $"-{index + 1}" + Path.GetExtension(path);
}
