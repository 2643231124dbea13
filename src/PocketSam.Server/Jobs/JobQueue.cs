using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.RateLimiting;

namespace PocketSam.Server.Jobs;

/// <summary>
/// Runs computations first come, first served on threads of its own, so that many requests neither crowd the processors
/// nor take the threads that move bytes. A job that is cancelled while it waits leaves its place at once.
/// </summary>
internal sealed class JobQueue : IDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Its permits are the threads, its queue the jobs that wait. It holds nothing to dispose of; at the end those that wait
    /// still get their permits, and are refused.
    /// </summary>
    private readonly ConcurrencyLimiter _limiter;

    /// <summary>Jobs that have a permit: never more than threads.</summary>
    private readonly BlockingCollection<Action> _admitted = new();

    private readonly string _name;
    private readonly Thread[] _threads;

    /// <param name="name">What errors and debuggers call it.</param>
    /// <param name="threads">Jobs that run at a time; at least 1.</param>
    /// <param name="queueLength">Jobs that may wait; at least 0.</param>
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

    /// <summary>Runs a job. The task has failed when this returns where too many wait already.</summary>
    /// <param name="work">The job; it looks at <paramref name="cancellation"/> itself while it runs.</param>
    /// <param name="cancellation">Takes the job out of the queue.</param>
    /// <exception cref="JobQueueFullException">Too many wait already.</exception>
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

    /// <summary>Takes no more jobs, and waits for those that run, but not for long.</summary>
    public void Dispose()
    {
        _admitted.CompleteAdding();
        long end = Environment.TickCount64 + (long)StopTimeout.TotalMilliseconds;
        foreach (Thread thread in _threads)
            thread.Join((int)Math.Max(0, end - Environment.TickCount64));
    }

    private static void Run<T>(Func<T> work, Activity? span, TaskCompletionSource<T> result, CancellationToken cancellation)
    {
        // Spans of the job are in that of who asked for it.
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
            // The queue was disposed of meanwhile.
            return false;
        }
    }

    private void Work()
    {
        foreach (Action job in _admitted.GetConsumingEnumerable())
            job();
    }
}
