using System.Globalization;

namespace PocketSam.Cli;

/// <summary>Checks free disk space before any work is done.</summary>
internal static class DiskSpace
{
    /// <summary>A number of bytes as text, in decimal units.</summary>
    public static string Describe(long bytes) => bytes switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.0} kB"),
    };

    /// <summary>Throws if the disk has too little space.</summary>
    /// <param name="path">Path of the results; it need not exist.</param>
    /// <param name="bytes">Bytes that they need.</param>
    /// <exception cref="IOException">The disk has less space; the message says how much.</exception>
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
