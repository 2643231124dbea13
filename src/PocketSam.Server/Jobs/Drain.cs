namespace PocketSam.Server.Jobs;

/// <summary>Whether the service takes requests, and when those that it took have ended.</summary>
internal sealed class Drain(TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private int _running;
    private volatile bool _isWarm;
    private volatile bool _isDraining;

    /// <summary>Whether it is ready for requests: the model has computed once, and it does not end.</summary>
    public bool IsReady => _isWarm && !_isDraining;

    /// <summary>Whether it is about to end.</summary>
    public bool IsDraining => _isDraining;

    /// <summary>The model has computed once.</summary>
    public void SetWarm() => _isWarm = true;

    /// <summary>A request begins.</summary>
    public void Enter() => Interlocked.Increment(ref _running);

    /// <summary>A request has ended.</summary>
    public void Leave() => Interlocked.Decrement(ref _running);

    /// <summary>Says that it is not ready any more, and waits until no request runs, but not for long.</summary>
    /// <param name="least">Waits so long at least, for those who look whether it is ready.</param>
    /// <param name="most">Waits so long at most.</param>
    /// <param name="isIdle">Whether nothing else is to be waited for.</param>
    /// <returns>Whether all ended.</returns>
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
