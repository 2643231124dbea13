using Microsoft.Extensions.Hosting;

namespace PocketSam.Server.Jobs;

/// <summary>
/// Gives memory back to the system that was needed once: the garbage collector does not run where nothing is asked of it.
/// When much was allocated since the last time, and hardly anything for a while, it is made to.
/// </summary>
/// <param name="time">When to look.</param>
/// <param name="allocated">Bytes that the process has allocated since it began.</param>
/// <param name="collect">Gives back all that can be.</param>
internal sealed class IdleCollection(TimeProvider time, Func<long> allocated, Action collect) : IHostedService, IDisposable
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    /// <summary>Less in a period is quiet.</summary>
    public const long Quiet = 16 << 20;

    /// <summary>Less is not worth a collection.</summary>
    public const long Much = 64 << 20;

    private ITimer? _timer;
    private long _atLastCollection;
    private long _atLastLook;

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
        _timer = time.CreateTimer(_ => Look(), null, Period, Period);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _timer?.Dispose();

    private void Look()
    {
        long now = allocated(), lately = now - _atLastLook;
        _atLastLook = now;
        if (lately >= Quiet || now - _atLastCollection < Much)
            return;
        collect();
        _atLastCollection = now;
    }
}
