using System.Threading.Channels;

namespace PocketSam.Labelling;

/// <summary>Tells all open pages what happens. A page that takes nothing loses the oldest and asks anew.</summary>
internal sealed class ProjectEvents
{
    private const int Waiting = 256;

    private readonly Lock _gate = new();
    private readonly List<Channel<ProjectEvent>> _listeners = [];

    /// <summary>Begins to listen; to be ended with <see cref="End"/>.</summary>
    public Channel<ProjectEvent> Listen()
    {
        var channel = Channel.CreateBounded<ProjectEvent>(new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_gate)
            _listeners.Add(channel);
        return channel;
    }

    /// <summary>Ends listening.</summary>
    public void End(Channel<ProjectEvent> channel)
    {
        lock (_gate)
            _listeners.Remove(channel);
    }

    /// <summary>Tells all.</summary>
    public void Send(ProjectEvent happened)
    {
        lock (_gate)
        {
            foreach (Channel<ProjectEvent> listener in _listeners)
                listener.Writer.TryWrite(happened);
        }
    }
}
