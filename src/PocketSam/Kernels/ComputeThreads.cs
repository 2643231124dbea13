using PocketSam.Kernels;

namespace PocketSam;

/// <summary>The threads that computations use. Results do not depend on their number.</summary>
public static class ComputeThreads
{
    /// <summary>
    /// Threads that work on one computation, including the caller's; at least 1, by default the number of processors.
    /// Concurrent computations share them.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public static int Count
    {
        get => Workers.Default;
        set => Workers.Default = value;
    }
}
