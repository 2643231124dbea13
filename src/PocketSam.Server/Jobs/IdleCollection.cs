using Microsoft.Extensions.Hosting;

namespace PocketSam.Server.Jobs;

/// <summary>
/// Returns memory to the operating system while the service is idle, when the garbage collector does not run by itself.
/// It collects after a period with few allocations, if much was allocated since the last collection.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="allocated">Returns the bytes that the process has allocated since its start.</param>
/// <param name="collect">Collects garbage and returns free memory.</param>
internal sealed class IdleCollection(TimeProvider time, Func<long> allocated, Action collect) : IHostedService, IDisposable
{
    /// <summary>Time between checks.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of allocations in a period below which the service counts as idle.</summary>
    public const long Quiet = 16 << 20;

    /// <summary>Bytes of allocations since the last collection that make another one worthwhile.</summary>
    public const long Much = 64 << 20;

    private ITimer? _timer;
    private long _atLastCollection;
    private long _atLastCheck;

#pragma warning disable RS0030 // Nobody waits for it: the service is idle.
    public IdleCollection(TimeProvider time)
        : this(
            time, () => GC.GetTotalAllocatedBytes(),
            () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true))
    {
    }
#pragma warning restore RS0030

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = time.CreateTimer(_ => CollectIfIdle(), null, Period, Period);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _timer?.Dispose();

    private void CollectIfIdle()
    {
        long now = allocated(), lately = now - _atLastCheck;
        _atLastCheck = now;
        if (lately >= Quiet || now - _atLastCollection < Much)
            return;
        collect();
        _atLastCollection = now;
    }
}
