namespace PocketSam.Server.Jobs;

/// <summary>The largest number of jobs already waits for a <see cref="JobQueue"/>.</summary>
/// <param name="queue">Name of the queue.</param>
internal sealed class JobQueueFullException(string queue) : Exception($"too many jobs wait for {queue}")
{
    /// <summary>Name of the queue.</summary>
    public string Queue { get; } = queue;
}
