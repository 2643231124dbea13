namespace PocketSam.Server.Jobs;

/// <summary>Readiness of the service, and the number of its running requests for a graceful stop.</summary>
internal sealed class Drain(TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private int _running;
    private volatile bool _isWarm;
    private volatile bool _isDraining;

    /// <summary>
    /// Whether the service accepts requests: the model has computed once, and the service is not stopping.
    /// </summary>
    public bool IsReady => _isWarm && !_isDraining;

    /// <summary>Whether the service is about to stop.</summary>
    public bool IsDraining => _isDraining;

    /// <summary>Marks the model as warmed up.</summary>
    public void SetWarm() => _isWarm = true;

    /// <summary>Counts a request that begins.</summary>
    public void Enter() => Interlocked.Increment(ref _running);

    /// <summary>Counts a request that has ended.</summary>
    public void Leave() => Interlocked.Decrement(ref _running);

    /// <summary>Reports the service as not ready, and waits until no request runs, within limits.</summary>
    /// <param name="least">Shortest wait, in which health checks notice.</param>
    /// <param name="most">Longest wait.</param>
    /// <param name="isIdle">Returns whether other work has ended too.</param>
    /// <returns>Whether all work has ended.</returns>
    public async Task<bool> WaitAsync(TimeSpan least, TimeSpan most, Func<bool> isIdle)
    {
        _isDraining = true;
        long start = time.GetTimestamp();
        while (true)
        {
            TimeSpan waited = time.GetElapsedTime(start);
            bool isDone = Volatile.Read(ref _running) == 0 && isIdle();
            if (waited >= most || (isDone && waited >= least))
                return isDone;
            await Task.Delay(Pause, time);
        }
    }
}
