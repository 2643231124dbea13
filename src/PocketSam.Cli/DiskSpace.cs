using System.Globalization;

namespace PocketSam.Cli;

/// <summary>Looks whether results will fit before any work is done.</summary>
internal static class DiskSpace
{
    /// <summary>Bytes as people read them.</summary>
    public static string Describe(long bytes) => bytes switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.0} kB"),
    };

    /// <summary>Refuses to start what the disk cannot hold.</summary>
    /// <param name="path">Where the results go; it need not exist yet.</param>
    /// <param name="bytes">How much they take.</param>
    /// <exception cref="IOException">There is less; the message says how much.</exception>
    public static void Require(string path, long bytes)
    {
        string folder = Path.GetFullPath(path);
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } parent)
            folder = parent;
        long free = new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(folder)! : folder).AvailableFreeSpace;
        if (free < bytes)
            throw new IOException($"{path}: {Describe(bytes)} are needed and {Describe(free)} are free");
    }
}
