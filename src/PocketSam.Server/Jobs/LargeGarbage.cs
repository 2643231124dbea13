namespace PocketSam.Server.Jobs;

/// <summary>
/// Counts the bytes of large arrays that become garbage, and collects them before they add up: by itself the garbage
/// collector waits until about as much is garbage as is in use.
/// </summary>
/// <param name="collect">Collects garbage.</param>
internal sealed class LargeGarbage(Action collect)
{
    /// <summary>Bytes of garbage that trigger a collection, which takes tens of milliseconds.</summary>
    public const long Limit = 96 << 20;

    private long _bytes;

#pragma warning disable RS0030 // Pictures and bodies are arrays, which only a collection gives back.
    public LargeGarbage()
        : this(() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true))
    {
    }
#pragma warning restore RS0030

    /// <summary>Counts bytes of arrays that are or are about to become garbage.</summary>
    public void Add(long bytes)
    {
        // Only the caller that resets the count collects.
        if (Interlocked.Add(ref _bytes, bytes) >= Limit && Interlocked.Exchange(ref _bytes, 0) >= Limit)
            collect();
    }
}
