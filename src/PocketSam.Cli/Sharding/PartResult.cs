namespace PocketSam.Cli.Sharding;

/// <summary>Finds the results that parts refer to.</summary>
internal static class PartResult
{
    /// <summary>The path of a result, relative to a folder and within it.</summary>
    /// <exception cref="IOException">The path leads out of the folder.</exception>
    public static string In(string folder, string result)
    {
        string home = Path.GetFullPath(folder), path = Path.GetFullPath(result, home);
        return path.StartsWith(home + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? Path.Combine(folder, result)
            : throw new IOException($"{folder}: the result {result} leads out of the folder");
    }
}
