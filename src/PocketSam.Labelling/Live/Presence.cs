using PocketSam.Labelling.Api;

namespace PocketSam.Labelling.Live;

/// <summary>Who has which picture open: a page says so again and again, and is forgotten when it does not.</summary>
internal sealed class Presence : IDisposable
{
    /// <summary>A page that has said nothing for so long has gone.</summary>
    public static readonly TimeSpan Forgotten = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<(long Picture, Labeller Who), long> _open = [];
    private readonly EventHub _hub;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    public Presence(EventHub hub, TimeProvider time)
    {
        (_hub, _time) = (hub, time);
        _timer = time.CreateTimer(_ => Forget(), null, Look, Look);
    }

    /// <summary>Somebody has a picture open.</summary>
    /// <returns>All who have.</returns>
    public IReadOnlyList<string> Open(long picture, Labeller who)
    {
        bool isNew;
        lock (_gate)
        {
            isNew = !_open.ContainsKey((picture, who));
            _open[(picture, who)] = _time.GetTimestamp();
        }

        return isNew ? Tell(picture) : Of(picture);
    }

    /// <summary>Somebody has closed it.</summary>
    /// <returns>All who still have it open.</returns>
    public IReadOnlyList<string> Close(long picture, Labeller who)
    {
        bool wasThere;
        lock (_gate)
            wasThere = _open.Remove((picture, who));
        return wasThere ? Tell(picture) : Of(picture);
    }

    /// <summary>Who has it open, each once.</summary>
    public IReadOnlyList<string> Of(long picture)
    {
        lock (_gate)
            return [.. _open.Keys.Where(key => key.Picture == picture).Select(key => key.Who.Name).Distinct().Order(StringComparer.Ordinal)];
    }

    public void Dispose() => _timer.Dispose();

    private IReadOnlyList<string> Tell(long picture)
    {
        IReadOnlyList<string> names = Of(picture);
        _hub.Send(new EventDocument(EventKinds.Presence) { Id = picture, OpenBy = names });
        return names;
    }

    private void Forget()
    {
        (long Picture, Labeller Who)[] gone;
        lock (_gate)
        {
            gone = [.. _open.Where(entry => _time.GetElapsedTime(entry.Value) > Forgotten).Select(entry => entry.Key)];
            foreach ((long Picture, Labeller Who) key in gone)
                _open.Remove(key);
        }

        foreach (long picture in gone.Select(key => key.Picture).Distinct())
            Tell(picture);
    }
}
