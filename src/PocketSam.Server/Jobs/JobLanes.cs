namespace PocketSam.Server.Jobs;

/// <summary>Two queues for one kind of work: small jobs never wait for large ones, and one large job runs at a time.</summary>
/// <param name="name">Name in error messages and of the threads.</param>
/// <param name="largeFrom">Size from which on a job is large, in the caller's unit.</param>
/// <param name="smallThreads">Number of small jobs that run at a time; at least 1.</param>
/// <param name="queueLength">Number of jobs of each kind that may wait; at least 0.</param>
internal sealed class JobLanes(string name, long largeFrom, int smallThreads, int queueLength) : IDisposable
{
    private readonly JobQueue _small = new(name, smallThreads, queueLength);
    private readonly JobQueue _large = new($"large {name}", threads: 1, queueLength);

    /// <summary>As <see cref="JobQueue.RunAsync"/>.</summary>
    /// <param name="size">Size of the job, in the caller's unit.</param>
    /// <param name="work">The job; it checks <paramref name="cancellation"/> itself while it runs.</param>
    /// <param name="cancellation">Removes the job from the queue.</param>
    /// <exception cref="JobQueueFullException">Too many jobs wait.</exception>
    /// <exception cref="OperationCanceledException">The job was cancelled.</exception>
    public Task<T> RunAsync<T>(long size, Func<T> work, CancellationToken cancellation)
        => (size < largeFrom ? _small : _large).RunAsync(work, cancellation);

    public void Dispose()
    {
        _small.Dispose();
        _large.Dispose();
    }
}
