namespace PocketSam.Cli.Sharding;

/// <summary>Where results lie that parts name.</summary>
internal static class PartResult
{
    /// <summary>A result by its path from a folder, which it must not lead out of.</summary>
    /// <exception cref="IOException">It does.</exception>
    public static string In(string folder, string result)
    {
        string home = Path.GetFullPath(folder), path = Path.GetFullPath(result, home);
        return path.StartsWith(home + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? Path.Combine(folder, result)
            : throw new IOException($"{folder}: the result {result} leads out of the folder");
    }
}
