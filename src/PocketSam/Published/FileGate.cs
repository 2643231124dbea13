namespace PocketSam.Published;

/// <summary>Lets one process after the other pass, by a file that only one may have open.</summary>
internal static class FileGate
{
    private const int WindowsSharingViolation = 32;
    private const int WindowsLockViolation = 33;
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until nobody else is inside; disposing of the result lets the next one in.</summary>
    /// <exception cref="IOException">The file cannot be opened at all.</exception>
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
