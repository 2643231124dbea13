namespace PocketSam;

/// <summary>The working copy that the tests are built from.</summary>
internal static class Repository
{
    /// <summary>Its folder.</summary>
    public static string Root { get; } = Find();

    /// <summary>What the tests were built as, <c>Release</c> or <c>Debug</c>; so were the projects that are packed.</summary>
    public static string Configuration
        => Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PocketSam.slnx")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"no working copy around {AppContext.BaseDirectory}");
    }
}
