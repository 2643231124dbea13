using PocketSam.Server.Api;

namespace PocketSam.Server.Computing;

/// <summary>
/// A few threads that compute, first come, first served, so that many requests neither crowd the processors nor take the
/// threads that move bytes. What is given up leaves its place to others at once.
/// </summary>
internal sealed class WorkerThreads : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly LinkedList<Action> _waiting = [];
    private readonly string _name;
    private readonly int _threads;
    private readonly int _queueLength;
    private bool _hasEnded;

    /// <param name="name">What errors and debuggers call them.</param>
    /// <param name="threads">Jobs done at a time.</param>
    /// <param name="queueLength">Jobs that may wait.</param>
    public WorkerThreads(string name, int threads, int queueLength)
    {
        (_name, _threads, _queueLength) = (name, threads, queueLength);
        for (int i = 0; i < threads; i++)
            new Thread(Work) { IsBackground = true, Name = $"PocketSam {name}" }.Start();
    }

    /// <summary>Does a job; one that is cancelled while it waits ends at once.</summary>
    /// <exception cref="ApiException">Too many wait already.</exception>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        LinkedListNode<Action> job;
        lock (_gate)
        {
            if (_hasEnded || _waiting.Count >= _queueLength)
                throw ApiException.Busy(_name);
            job = _waiting.AddLast(() => Do(work, done, cancellation));
        }

        _wake.Release();
        await using CancellationTokenRegistration registration = cancellation.Register(() =>
        {
            if (Leave(job))
                done.SetCanceled(cancellation);
        });
        return await done.Task;
    }

    /// <summary>Lets the threads end when they have done what is waiting.</summary>
    public void Dispose()
    {
        lock (_gate)
            _hasEnded = true;
        _wake.Release(_threads);
    }

    private static void Do<T>(Func<T> work, TaskCompletionSource<T> done, CancellationToken cancellation)
    {
        try
        {
            done.SetResult(work());
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            done.SetCanceled(cancellation);
        }
        catch (Exception e)
        {
            done.SetException(e);
        }
    }

    private bool Leave(LinkedListNode<Action> job)
    {
        lock (_gate)
        {
            // One that is being done has left already.
            if (job.List is null)
                return false;
            _waiting.Remove(job);
            return true;
        }
    }

    private void Work()
    {
        while (true)
        {
            _wake.Wait();
            Action job;
            lock (_gate)
            {
                if (_waiting.First is not { } first)
                {
                    if (_hasEnded)
                        return;
                    continue;
                }

                _waiting.RemoveFirst();
                job = first.Value;
            }

            job();
        }
    }
}
