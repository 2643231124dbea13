using System.Collections.Concurrent;
using PocketSam.Server.Api;

namespace PocketSam.Server.Computing;

/// <summary>
/// A few threads that compute, first come, first served, so that many requests neither crowd the processors nor take the
/// threads that move bytes.
/// </summary>
internal sealed class WorkerThreads : IDisposable
{
    private readonly BlockingCollection<Action> _jobs;
    private readonly string _name;

    /// <param name="name">What errors and debuggers call them.</param>
    /// <param name="threads">Jobs done at a time.</param>
    /// <param name="queueLength">Jobs that may wait.</param>
    public WorkerThreads(string name, int threads, int queueLength)
    {
        _name = name;
        _jobs = new BlockingCollection<Action>(queueLength);
        for (int i = 0; i < threads; i++)
            new Thread(Work) { IsBackground = true, Name = $"PocketSam {name}" }.Start();
    }

    /// <summary>Jobs that wait.</summary>
    public int Waiting => _jobs.Count;

    /// <summary>Does a job; one that is cancelled while it waits ends at once.</summary>
    /// <exception cref="ApiException">Too many wait already.</exception>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        var job = new Job<T>(work, cancellation);
        if (!_jobs.TryAdd(job.Run))
            throw ApiException.Busy(_name);
        await using CancellationTokenRegistration registration = cancellation.Register(job.CancelIfWaiting);
        return await job.Result;
    }

    /// <summary>Lets the threads end when they have done what is waiting.</summary>
    public void Dispose() => _jobs.CompleteAdding();

    private void Work()
    {
        foreach (Action job in _jobs.GetConsumingEnumerable())
            job();
    }

    private sealed class Job<T>(Func<T> work, CancellationToken cancellation)
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _isTaken;

        public Task<T> Result => _done.Task;

        public void Run()
        {
            if (Interlocked.Exchange(ref _isTaken, 1) != 0)
                return;
            try
            {
                _done.SetResult(work());
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                _done.SetCanceled(cancellation);
            }
            catch (Exception e)
            {
                _done.SetException(e);
            }
        }

        public void CancelIfWaiting()
        {
            if (Interlocked.Exchange(ref _isTaken, 1) == 0)
                _done.SetCanceled(cancellation);
        }
    }
}
