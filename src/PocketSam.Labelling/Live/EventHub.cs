using System.Threading.Channels;
using PocketSam.Labelling.Api;

namespace PocketSam.Labelling.Live;

/// <summary>Sends events to all open pages.</summary>
internal sealed class EventHub
{
    /// <summary>
    /// The most events that wait for a page. For a page that falls further behind they are replaced by requests to
    /// reload.
    /// </summary>
    private const int MaxWaiting = 512;

    private readonly Lock _gate = new();
    private readonly List<Channel<EventDocument>> _listeners = [];

    /// <summary>Subscribes to events, until the result is disposed of.</summary>
    public Listening Listen()
    {
        var channel = Channel.CreateBounded<EventDocument>(new BoundedChannelOptions(MaxWaiting) { SingleReader = false });
        lock (_gate)
            _listeners.Add(channel);
        return new Listening(channel.Reader, () =>
        {
            lock (_gate)
                _listeners.Remove(channel);
        });
    }

    /// <summary>Sends an event to all pages.</summary>
    public void Send(EventDocument happened)
    {
        lock (_gate)
        {
            foreach (Channel<EventDocument> listener in _listeners)
            {
                if (listener.Writer.TryWrite(happened))
                    continue;
                while (listener.Reader.TryRead(out _))
                {
                }

                listener.Writer.TryWrite(new EventDocument(EventKinds.Pictures));
                listener.Writer.TryWrite(new EventDocument(EventKinds.Classes));
            }
        }
    }

    /// <summary>A subscription of a page.</summary>
    internal sealed class Listening(ChannelReader<EventDocument> events, Action end) : IDisposable
    {
        public ChannelReader<EventDocument> Events { get; } = events;

        public void Dispose() => end();
    }
}
