using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.RateLimiting;

namespace PocketSam.Server.Jobs;

/// <summary>
/// Runs computations first come, first served on dedicated threads, so that many requests neither overload the
/// processor nor block the thread pool, which serves I/O. A waiting job that is cancelled leaves the queue at once.
/// </summary>
internal sealed class JobQueue : IDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    /// <summary>
    /// One permit for each thread; its queue holds the waiting jobs. It is not disposed of: on disposal of this class
    /// the waiting jobs still get permits, and are then refused.
    /// </summary>
    private readonly ConcurrencyLimiter _limiter;

    /// <summary>Jobs with a permit, at most as many as threads.</summary>
    private readonly BlockingCollection<Action> _admitted = new();

    private readonly string _name;
    private readonly Thread[] _threads;

    /// <param name="name">Name in error messages and of the threads.</param>
    /// <param name="threads">Number of jobs that run at a time; at least 1.</param>
    /// <param name="queueLength">Number of jobs that may wait; at least 0.</param>
    public JobQueue(string name, int threads, int queueLength)
    {
        _name = name;
        _limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = threads,
            QueueLimit = queueLength,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
        _threads = [.. Enumerable.Range(0, threads).Select(_ => new Thread(Work) { IsBackground = true, Name = $"PocketSam {name}" })];
        foreach (Thread thread in _threads)
            thread.Start();
    }

    /// <summary>Runs a job. If too many wait, the returned task has already failed.</summary>
    /// <param name="work">The job; it checks <paramref name="cancellation"/> itself while it runs.</param>
    /// <param name="cancellation">Removes the job from the queue.</param>
    /// <exception cref="JobQueueFullException">Too many jobs wait, or the queue is disposed of.</exception>
    /// <exception cref="OperationCanceledException">The job was cancelled.</exception>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        using RateLimitLease permit = await _limiter.AcquireAsync(permitCount: 1, cancellation);
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Activity? span = Activity.Current;
        if (!permit.IsAcquired || !TryAdmit(() => Run(work, span, result, cancellation)))
            throw new JobQueueFullException(_name);
        return await result.Task;
    }

    /// <summary>Stops accepting jobs and waits for the running ones, for at most two seconds.</summary>
    public void Dispose()
    {
        _admitted.CompleteAdding();
        long end = Environment.TickCount64 + (long)StopTimeout.TotalMilliseconds;
        foreach (Thread thread in _threads)
            thread.Join((int)Math.Max(0, end - Environment.TickCount64));
    }

    private static void Run<T>(Func<T> work, Activity? span, TaskCompletionSource<T> result, CancellationToken cancellation)
    {
        // Makes the caller's span the parent of the job's spans.
        Activity.Current = span;
        try
        {
            result.SetResult(work());
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            result.SetCanceled(cancellation);
        }
        catch (Exception e)
        {
            result.SetException(e);
        }
    }

    private bool TryAdmit(Action job)
    {
        try
        {
            return _admitted.TryAdd(job);
        }
        catch (InvalidOperationException)
        {
            // The queue has been disposed of.
            return false;
        }
    }

    private void Work()
    {
        foreach (Action job in _admitted.GetConsumingEnumerable())
            job();
    }
}
