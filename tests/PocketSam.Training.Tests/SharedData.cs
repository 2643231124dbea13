namespace PocketSam.Training.Tests;

/// <summary>
/// The data sets that lie beside the repository, in <c>shared/data</c>, or where <c>POCKETSAM_SHARED</c> says.
/// Tests that need them skip where they are absent.
/// </summary>
internal static class SharedData
{
    private static readonly string? Folder = Find();

    /// <summary>The path of a file below <c>shared/data</c>; skips the test where there is none.</summary>
    public static string Require(string name)
    {
        Assert.SkipWhen(Folder is null, "shared/data lies neither beside the repository nor under POCKETSAM_SHARED");
        return Path.Combine(Folder, name);
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("POCKETSAM_SHARED") is { Length: > 0 } given)
            return DataOf(given);
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder != null; folder = folder.Parent)
        {
            if (DataOf(Path.Combine(folder.FullName, "shared")) is { } found)
                return found;
        }

        return null;
    }

    private static string? DataOf(string shared)
    {
        string data = Path.Combine(shared, "data");
        return File.Exists(Path.Combine(data, "README.md")) ? data : null;
    }
}
