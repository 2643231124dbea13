namespace PocketSam.Server.Jobs;

/// <summary>As many jobs as may already wait for a <see cref="JobQueue"/>.</summary>
/// <param name="queue">What the queue is for.</param>
internal sealed class JobQueueFullException(string queue) : Exception($"too many jobs wait for {queue}")
{
    /// <summary>What the queue is for.</summary>
    public string Queue { get; } = queue;
}
