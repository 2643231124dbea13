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

    /// <summary>Does a job, unless it is cancelled while it waits.</summary>
    /// <exception cref="ApiException">Too many wait already.</exception>
    public Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_jobs.TryAdd(Run))
            throw ApiException.Busy(_name);
        return done.Task;

        void Run()
        {
            try
            {
                cancellation.ThrowIfCancellationRequested();
                done.SetResult(work());
            }
            catch (OperationCanceledException e) when (e.CancellationToken.IsCancellationRequested)
            {
                done.SetCanceled(e.CancellationToken);
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }
    }

    /// <summary>Lets the threads end when they have done what is waiting.</summary>
    public void Dispose() => _jobs.CompleteAdding();

    private void Work()
    {
        foreach (Action job in _jobs.GetConsumingEnumerable())
            job();
    }
}
