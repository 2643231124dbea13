using System.Globalization;

namespace PocketSam.Cli.Trainings;

/// <summary>
/// Locks a folder for one training, by a file that is locked while the process lives and names it. Files of ended
/// processes have no effect.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private const string FileName = "training.lock";
    private const int Attempts = 20;
    private const int WindowsSharing = unchecked((int)0x8007_0020);
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;

    private readonly string _path;
    private readonly FileStream _held;
    private readonly bool _isFolderNew;

    private FolderLock(string path, FileStream held, bool isFolderNew) => (_path, _held, _isFolderNew) = (path, held, isFolderNew);

    /// <summary>Locks a folder, which is created if it does not exist.</summary>
    /// <exception cref="IOException">Another training uses the folder; the message names its process.</exception>
    public static FolderLock Take(string folder)
    {
        bool isFolderNew = !Directory.Exists(folder);
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, FileName);
        string owner = string.Create(
            CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}, {Guid.NewGuid():N}");
        for (int i = 0; i < Attempts; i++)
        {
            try
            {
                if (TryTake(path, owner) is { } held)
                    return new FolderLock(path, held, isFolderNew);
            }
            catch (IOException e) when (e.HResult is WindowsSharing or LinuxWouldBlock or MacWouldBlock)
            {
                throw new IOException(
                    $"{folder}: a training goes on here already ({Owner(path)}); stop it, or choose another folder", e);
            }
        }

        throw new IOException($"{folder}: cannot be locked");
    }

    /// <summary>Unlocks the folder; an empty one that the lock has created is removed.</summary>
    public void Dispose()
    {
        File.Delete(_path);
        _held.Dispose();
        if (_isFolderNew && !Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(_path)!).Any())
            Directory.Delete(Path.GetDirectoryName(_path)!);
    }

    /// <summary>
    /// Writes the process's name under an exclusive lock, then holds a shared lock, so that others can read the name.
    /// Another process may lock the file in between: it then has that process's name, or is deleted.
    /// </summary>
    private static FileStream? TryTake(string path, string owner)
    {
        using (var alone = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            alone.SetLength(0);
            using var writer = new StreamWriter(alone);
            writer.Write(owner);
        }

        FileStream? held = null;
        try
        {
            held = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            using var reader = new StreamReader(held, leaveOpen: true);
            if (reader.ReadToEnd() == owner)
                return held;
        }
        catch (FileNotFoundException)
        {
            // The previous owner has removed it.
        }

        held?.Dispose();
        return null;
    }

    private static string Owner(string path)
    {
        try
        {
            using var reader = new StreamReader(
                new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            string owner = reader.ReadToEnd();
            return owner.LastIndexOf(',') is > 0 and var end ? owner[..end] : "a process that has just begun";
        }
        catch (IOException)
        {
            return "a process that has just begun";
        }
    }
}
