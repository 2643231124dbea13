namespace PocketSam.Benchmarks.Load;

/// <summary>What the figures depend on.</summary>
internal static class Machine
{
    /// <summary>
    /// What the service may take beside the cache: uploads that are being read and decoded, the memory of one encoding and of
    /// two predictions, and what the garbage collector has not given back yet.
    /// </summary>
    public const int AllowanceMegabytes = 512;

    /// <summary>Processes that want to run, over the last minute, where the system tells it.</summary>
    public static string LoadAverage()
        => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
}
