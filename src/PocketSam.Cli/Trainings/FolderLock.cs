using System.Globalization;

namespace PocketSam.Cli.Trainings;

/// <summary>
/// Keeps a folder for one training: a file that is locked while the process lives, and says which one it is. Locks of
/// processes that are gone hold nobody.
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

    /// <summary>Locks a folder, which is made where it is missing.</summary>
    /// <exception cref="IOException">Another training has it; the message names its process.</exception>
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

    /// <summary>Lets go of the folder; one that was made for nothing is removed.</summary>
    public void Dispose()
    {
        File.Delete(_path);
        _held.Dispose();
        if (_isFolderNew && !Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(_path)!).Any())
            Directory.Delete(Path.GetDirectoryName(_path)!);
    }

    /// <summary>
    /// The name is written while nobody else has the file, and what is held is a shared lock, so that others can read the
    /// name. Between the two another may have come: its name is there then, or the file is gone.
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
            // Whoever had it before has removed it.
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
