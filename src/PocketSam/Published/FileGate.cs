namespace PocketSam.Published;

/// <summary>Admits one process at a time, by a file that only one may have open.</summary>
internal static class FileGate
{
    private const int WindowsSharingViolation = 32;
    private const int WindowsLockViolation = 33;
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until no other process is inside; disposing of the result admits the next one.</summary>
    /// <exception cref="IOException">The file cannot be opened for another reason.</exception>
    public static async Task<IDisposable> EnterAsync(string path, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (IsTaken(e))
            {
                await Task.Delay(Pause, cancellation).ConfigureAwait(false);
            }
        }
    }

    private static bool IsTaken(IOException error)
        => (error.HResult & 0xFFFF) is var code && (OperatingSystem.IsWindows()
            ? code is WindowsSharingViolation or WindowsLockViolation
            : code == (OperatingSystem.IsMacOS() ? MacWouldBlock : LinuxWouldBlock));
}
