using System.Threading.Channels;
using PocketSam.Labelling.Api;

namespace PocketSam.Labelling.Live;

/// <summary>Tells all pages that are open what has happened.</summary>
internal sealed class EventHub
{
    /// <summary>Events that wait for a page that takes them slowly; one that falls further behind is told to look anew.</summary>
    private const int MaxWaiting = 512;

    private readonly Lock _gate = new();
    private readonly List<Channel<EventDocument>> _listeners = [];

    /// <summary>What happens from now on, until it is disposed of.</summary>
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

    /// <summary>Tells everybody.</summary>
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

    /// <summary>A page that listens.</summary>
    internal sealed class Listening(ChannelReader<EventDocument> events, Action end) : IDisposable
    {
        public ChannelReader<EventDocument> Events { get; } = events;

        public void Dispose() => end();
    }
}
