using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace PocketSam;

/// <summary>
/// Names of temporary files and folders beside their final place: <c>NAME.PROCESS-NUMBER.tmp</c>. Those of killed
/// processes are removed by the next process that writes to the folder.
/// </summary>
internal static partial class TemporaryPath
{
    /// <summary>The file in a temporary folder that is locked while the folder is being filled.</summary>
    public const string LockName = ".lock";

    private static readonly ConcurrentDictionary<string, bool> Swept = new();

    /// <summary>A unique temporary name for <paramref name="path"/>; the first call for a folder sweeps it.</summary>
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
            // The write itself reports what is wrong with the folder.
        }
    }

    /// <summary>
    /// Removes a leftover unless it is locked: across containers the
    /// process number says nothing, so writers also hold a lock.
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
            // It is being written, or it belongs to another user.
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
