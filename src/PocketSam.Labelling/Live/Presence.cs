using PocketSam.Labelling.Api;

namespace PocketSam.Labelling.Live;

/// <summary>
/// Keeps who has which picture open. Pages repeat that they have it open, and are removed if they stop.
/// </summary>
internal sealed class Presence : IDisposable
{
    /// <summary>A page is removed after this long without a request.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<(long Picture, Labeller Who), long> _open = [];
    private readonly EventHub _hub;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    public Presence(EventHub hub, TimeProvider time)
    {
        (_hub, _time) = (hub, time);
        _timer = time.CreateTimer(_ => RemoveSilentPages(), null, CheckInterval, CheckInterval);
    }

    /// <summary>Notes that somebody has a picture open.</summary>
    /// <returns>The names of all who have it open.</returns>
    public IReadOnlyList<string> Open(long picture, Labeller who)
    {
        bool isNew;
        lock (_gate)
        {
            isNew = !_open.ContainsKey((picture, who));
            _open[(picture, who)] = _time.GetTimestamp();
        }

        return isNew ? SendPresence(picture) : Of(picture);
    }

    /// <summary>Notes that somebody has closed it.</summary>
    /// <returns>The names of all who still have it open.</returns>
    public IReadOnlyList<string> Close(long picture, Labeller who)
    {
        bool wasThere;
        lock (_gate)
            wasThere = _open.Remove((picture, who));
        return wasThere ? SendPresence(picture) : Of(picture);
    }

    /// <summary>The distinct names of those who have it open.</summary>
    public IReadOnlyList<string> Of(long picture)
    {
        lock (_gate)
            return [.. _open.Keys.Where(key => key.Picture == picture).Select(key => key.Who.Name).Distinct().Order(StringComparer.Ordinal)];
    }

    public void Dispose() => _timer.Dispose();

    private IReadOnlyList<string> SendPresence(long picture)
    {
        IReadOnlyList<string> names = Of(picture);
        _hub.Send(new EventDocument(EventKinds.Presence) { Id = picture, OpenBy = names });
        return names;
    }

    private void RemoveSilentPages()
    {
        (long Picture, Labeller Who)[] gone;
        lock (_gate)
        {
            gone = [.. _open.Where(entry => _time.GetElapsedTime(entry.Value) > Timeout).Select(entry => entry.Key)];
            foreach ((long Picture, Labeller Who) key in gone)
                _open.Remove(key);
        }

        foreach (long picture in gone.Select(key => key.Picture).Distinct())
            SendPresence(picture);
    }
}
