using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace PocketSam;

/// <summary>
/// Names of what is not whole yet, beside what it will be: <c>NAME.PROCESS-NUMBER.tmp</c>. What processes have left that
/// were killed is removed by the next one that writes to the folder.
/// </summary>
internal static partial class TemporaryPath
{
    /// <summary>The file that says, by being locked, that a folder is being filled.</summary>
    public const string LockName = ".lock";

    private static readonly ConcurrentDictionary<string, bool> Swept = new();

    /// <summary>A name of its own for what will be called <paramref name="path"/>; sweeps the folder at the first use.</summary>
    public static string For(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? Path.GetFullPath(path);
        if (Swept.TryAdd(folder, true))
            Sweep(folder);
        return string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}-{Guid.NewGuid():N}.tmp");
    }

    private static void Sweep(string folder)
    {
        try
        {
            foreach (string path in Directory.EnumerateFileSystemEntries(folder, "*.tmp"))
            {
                if (Name().Match(path) is { Success: true } name && !IsRunning(name.Groups[1].Value))
                    Remove(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whatever is in the way will be told of by the writing itself.
        }
    }

    /// <summary>
    /// Where processes do not see each other (containers) the number says nothing: who writes holds a lock too.
    /// </summary>
    private static void Remove(string path)
    {
        try
        {
            bool isFolder = Directory.Exists(path);
            string locked = isFolder ? Path.Combine(path, LockName) : path;
            if (!isFolder || File.Exists(locked))
                new FileStream(locked, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
            if (isFolder)
                Directory.Delete(path, recursive: true);
            else
                File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is being written after all, or somebody else's.
        }
    }

    private static bool IsRunning(string process)
    {
        try
        {
            Process.GetProcessById(int.Parse(process, CultureInfo.InvariantCulture)).Dispose();
            return true;
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"\.([0-9]{1,10})-[0-9a-f]{32}\.tmp$")]
    private static partial Regex Name();
}
