namespace PocketSam.Server.Jobs;

/// <summary>
/// Counts large arrays that were needed once, and has them collected before they add up: left alone, the garbage collector
/// waits until about as much is garbage as is in use.
/// </summary>
/// <param name="collect">Collects what nobody uses.</param>
internal sealed class LargeGarbage(Action collect)
{
    /// <summary>So many bytes are collected together; a collection takes some tens of milliseconds.</summary>
    public const long Limit = 96 << 20;

    private long _bytes;

#pragma warning disable RS0030 // Pictures and bodies are arrays, which only a collection gives back.
    public LargeGarbage()
        : this(() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true))
    {
    }
#pragma warning restore RS0030

    /// <summary>Arrays of so many bytes are about to be garbage, or are.</summary>
    public void Add(long bytes)
    {
        // Of several callers beyond the limit the one that takes the count collects.
        if (Interlocked.Add(ref _bytes, bytes) >= Limit && Interlocked.Exchange(ref _bytes, 0) >= Limit)
            collect();
    }
}
