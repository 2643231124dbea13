namespace PocketSam.Labelling;

/// <summary>Who has which picture open, and whom to tell of changes.</summary>
/// <param name="time">Tells the time.</param>
internal sealed class Presence(TimeProvider time)
{
    /// <summary>A page tells every 20 seconds that it is there.</summary>
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long Picture, string Who, DateTimeOffset Seen)> _tabs = [];

    /// <summary>A tab has opened a picture, or has it open still. Gives the picture that it had open before, if another.</summary>
    public long? Open(string tab, string who, long picture)
    {
        lock (_gate)
        {
            long? before = _tabs.TryGetValue(tab, out (long Picture, string, DateTimeOffset) was) && was.Picture != picture ? was.Picture : null;
            _tabs[tab] = (picture, who, time.GetUtcNow());
            return before;
        }
    }

    /// <summary>A tab has closed its picture.</summary>
    public void Close(string tab)
    {
        lock (_gate)
            _tabs.Remove(tab);
    }

    /// <summary>Who has a picture open, by name, each once.</summary>
    public IReadOnlyList<string> Of(long picture)
    {
        lock (_gate)
        {
            DateTimeOffset oldest = time.GetUtcNow() - ForgottenAfter;
            foreach (string gone in _tabs.Where(tab => tab.Value.Seen < oldest).Select(tab => tab.Key).ToArray())
                _tabs.Remove(gone);
            return [.. _tabs.Values.Where(tab => tab.Picture == picture).Select(tab => tab.Who).Distinct().Order(StringComparer.Ordinal)];
        }
    }
}
