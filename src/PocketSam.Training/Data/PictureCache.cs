namespace PocketSam.Training.Data;

/// <summary>
/// A cache of decoded pictures, least recently used first out, within a byte budget. Thread-safe: a caller waits for a
/// picture that another thread is decoding. A failed picture is tried again at the next call.
/// </summary>
/// <param name="decode">Decodes the picture of a number; called from several threads.</param>
/// <param name="budget">
/// Largest number of bytes of cached pictures, at least 0. Pictures being decoded or in use come on top.
/// </param>
internal sealed class PictureCache(Func<int, TrainingPicture> decode, long budget)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = [];
    private long _bytes;

    /// <summary>Bytes of the cached pictures.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
                return _bytes;
        }
    }

    /// <summary>The picture of a number.</summary>
    public TrainingPicture Get(int number)
    {
        LinkedListNode<Entry> node = Use(number);
        try
        {
            TrainingPicture picture = node.Value.Picture.Value;
            Keep(node, picture.Bytes);
            return picture;
        }
        catch
        {
            Remove(node);
            throw;
        }
    }

    private LinkedListNode<Entry> Use(int number)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(number, out LinkedListNode<Entry>? node))
                _byUse.Remove(node);
            else
                _entries.Add(number, node = new LinkedListNode<Entry>(new Entry(number, () => decode(number))));
            _byUse.AddFirst(node);
            return node;
        }
    }

    private void Keep(LinkedListNode<Entry> node, long bytes)
    {
        lock (_lock)
        {
            if (node.Value.Bytes > 0 || node.List is null)
                return;
            node.Value.Bytes = bytes;
            _bytes += bytes;
            LinkedListNode<Entry>? candidate = _byUse.Last;
            while (_bytes > budget && candidate is not null)
            {
                LinkedListNode<Entry> oldest = candidate;
                candidate = candidate.Previous;

                // A picture that is being decoded has no bytes yet; dropping it would decode it twice.
                if (oldest.Value.Bytes > 0)
                    Remove(oldest);
            }
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        lock (_lock)
        {
            if (node.List is null)
                return;
            _byUse.Remove(node);
            _entries.Remove(node.Value.Number);
            _bytes -= node.Value.Bytes;
        }
    }

    private sealed class Entry(int number, Func<TrainingPicture> decode)
    {
        public int Number { get; } = number;

        public Lazy<TrainingPicture> Picture { get; } = new(decode);

        /// <summary>0 until the picture is decoded.</summary>
        public long Bytes { get; set; }
    }
}
