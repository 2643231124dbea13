using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using PocketSam.Server.Api;
using PocketSam.Server.Jobs;
using PocketSam.Server.Metrics;

namespace PocketSam.Server.Images;

/// <summary>
/// The pictures of all clients, bounded in bytes and age. Evicts the least recently used picture; a client that holds
/// more than half of the memory loses its own pictures first. Pictures in use stay. Memory is reserved before it is
/// allocated and released after the last use, so the bound always holds.
/// </summary>
internal sealed class ImageStore : IDisposable
{
    private const int IdBytes = 16;

    // The embedding, plus the decoder's state of 2.5 times its size.
    private const double EmbeddingWithState = 3.5;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = [];
    private readonly PocketSamOptions _options;
    private readonly PocketSamModel _model;
    private readonly LargeGarbage _garbage;
    private readonly ServerMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;
    private readonly long _embeddingBytes;
    private long _bytes;

    public ImageStore(
        IOptions<PocketSamOptions> options, PocketSamModel model, TextOffer text, LargeGarbage garbage, ServerMetrics metrics, TimeProvider time)
    {
        (_options, _garbage, _metrics, _time) = (options.Value, garbage, metrics, time);
        _model = model;
        Sam sam = model.Current;
        int inputSize = _options.ImageSize ?? sam.Config.ImageSize;
        sam.Config.ValidateInputSize(inputSize);
        int side = inputSize / SamConfig.EmbeddingStride;
        _embeddingBytes = (long)(EmbeddingWithState * sizeof(float) * side * side * sam.Config.FeatureChannels)
            + text.BytesOf(sam, side * side);
        TimeSpan period = TimeSpan.FromTicks(Math.Min(_options.CacheAge.Ticks / 4, TimeSpan.TicksPerMinute));
        _sweep = time.CreateTimer(_ => RemoveOld(), null, period, period);
        model.Replaced += RemoveAll;
        metrics.ObserveCache(() => Bytes, () => Count);
    }

    /// <summary>Reserved memory in bytes, including removed pictures that are still in use.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Number of pictures in the store.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _entries.Count;
        }
    }

    /// <summary>Bytes of a picture of this size in pixels, with its embedding.</summary>
    public long BytesOf(int width, int height) => 3L * width * height + _embeddingBytes;

    /// <summary>
    /// Reserves memory by evicting the least recently used pictures: first the client's own, while those would take
    /// more than half of the memory, so that one client cannot evict all pictures of others.
    /// </summary>
    /// <param name="bytes">Number of bytes.</param>
    /// <param name="client">The client that needs them.</param>
    /// <exception cref="ApiException">The bytes exceed the whole cache, or too much of it is in use.</exception>
    public void Reserve(long bytes, ClientAddress client)
    {
        if (bytes > _options.CacheBytes)
        {
            throw ApiException.ImageTooLarge(
                $"the picture takes {bytes >> 20} MiB, more than the whole cache of {_options.CacheBytes >> 20} MiB");
        }

        List<Photo> evicted = [];
        lock (_gate)
        {
            // Evicts nothing if the picture would not fit even then.
            long idle = _byUse.Where(entry => entry.Leases == 0).Sum(entry => entry.Photo.Bytes);
            if (_bytes - idle + bytes > _options.CacheBytes)
                throw new ApiException(429, "cache_full", "all memory for pictures is in use", TimeSpan.FromSeconds(2));
            Evict(bytes, entry => entry.Photo.Client == client && BytesOf(client) + bytes > _options.CacheBytes / 2, evicted);
            Evict(bytes, _ => true, evicted);

            _bytes += bytes;
        }

        foreach (Photo photo in evicted)
            photo.Remove();
        _garbage.Add(evicted.Sum(photo => photo.Bytes));
        _metrics.Evictions.Add(evicted.Count);
    }

    /// <summary>Releases a reservation for which no picture is added.</summary>
    public void Release(long bytes)
    {
        lock (_gate)
            _bytes -= bytes;
    }

    /// <summary>Adds a picture with reserved memory, under a new random id.</summary>
    public PhotoLease Add(ClientAddress client, string name, RgbImage pixels, int fileBytes)
        => TryAdd(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes)), client, name, pixels, fileBytes)!;

    /// <summary>Adds a picture with reserved memory; null if the id is taken.</summary>
    public PhotoLease? TryAdd(string id, ClientAddress client, string name, RgbImage pixels, int fileBytes)
    {
        lock (_gate)
        {
            if (_entries.ContainsKey(id))
                return null;

            // Read under the lock, so that no picture of a replaced model is added after RemoveAll.
            var photo = new Photo(id, client, name, pixels, fileBytes, BytesOf(pixels.Width, pixels.Height), _model.Current);
            var entry = new Entry(photo) { LastUse = _time.GetTimestamp(), Leases = 1 };
            _entries.Add(id, _byUse.AddLast(entry));
            return new PhotoLease(photo, () => Return(entry));
        }
    }

    /// <summary>Leases a picture, which stays in memory until the lease ends.</summary>
    /// <exception cref="ApiException">There is no such picture.</exception>
    public PhotoLease Lease(string id)
    {
        if (TryLease(id) is { } lease)
            return lease;
        _metrics.CacheMisses.Add(1);
        throw ApiException.ImageUnknown();
    }

    /// <summary>Leases a picture; null if there is none of this id.</summary>
    public PhotoLease? TryLease(string id)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(id, out LinkedListNode<Entry>? node))
            {
                node.Value.Leases++;
                Touch(node);
                _metrics.CacheHits.Add(1);
                return new PhotoLease(node.Value.Photo, () => Return(node.Value));
            }
        }

        return null;
    }

    /// <summary>Removes a picture and cancels work on it; false if there is none.</summary>
    public bool Remove(string id)
    {
        Photo photo;
        lock (_gate)
        {
            if (!_entries.TryGetValue(id, out LinkedListNode<Entry>? node))
                return false;
            photo = node.Value.Photo;
            Remove(node);
        }

        photo.Remove();
        return true;
    }

    /// <summary>
    /// Time of a picture's last lease, a <see cref="TimeProvider.GetTimestamp"/> value; null if it is not in the store.
    /// </summary>
    public long? LastUse(string id)
    {
        lock (_gate)
            return _entries.TryGetValue(id, out LinkedListNode<Entry>? node) ? node.Value.LastUse : null;
    }

    public void Dispose()
    {
        _sweep.Dispose();
        _model.Replaced -= RemoveAll;
        RemoveAll();
    }

    private void RemoveAll()
    {
        string[] ids;
        lock (_gate)
            ids = [.. _entries.Keys];
        foreach (string id in ids)
            Remove(id);
    }

    private void Evict(long bytes, Func<Entry, bool> mayGo, List<Photo> evicted)
    {
        for (LinkedListNode<Entry>? node = _byUse.First; node is not null && _bytes + bytes > _options.CacheBytes;)
        {
            LinkedListNode<Entry> candidate = node;
            node = node.Next;
            if (candidate.Value.Leases > 0 || !mayGo(candidate.Value))
                continue;
            evicted.Add(candidate.Value.Photo);
            Remove(candidate);
        }
    }

    private long BytesOf(ClientAddress client)
        => _byUse.Where(entry => entry.Photo.Client == client).Sum(entry => entry.Photo.Bytes);

    private void RemoveOld()
    {
        List<Photo> old = [];
        lock (_gate)
        {
            for (LinkedListNode<Entry>? node = _byUse.First; node is not null;)
            {
                LinkedListNode<Entry> candidate = node;
                node = node.Next;
                if (_time.GetElapsedTime(candidate.Value.LastUse) <= _options.CacheAge)
                    break;
                if (candidate.Value.Leases > 0)
                    continue;
                old.Add(candidate.Value.Photo);
                Remove(candidate);
            }
        }

        foreach (Photo photo in old)
            photo.Remove();
        _metrics.Evictions.Add(old.Count);
    }

    private void Return(Entry entry)
    {
        lock (_gate)
        {
            entry.Leases--;
            if (entry.IsGone)
                FreeIfUnused(entry);
            else
                Touch(_entries[entry.Photo.Id]);
        }
    }

    private void Touch(LinkedListNode<Entry> node)
    {
        node.Value.LastUse = _time.GetTimestamp();
        _byUse.Remove(node);
        _byUse.AddLast(node);
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _entries.Remove(node.Value.Photo.Id);
        _byUse.Remove(node);
        node.Value.IsGone = true;
        FreeIfUnused(node.Value);
    }

    private void FreeIfUnused(Entry entry)
    {
        if (entry.Leases > 0)
            return;
        entry.Photo.Dispose();
        _bytes -= entry.Photo.Bytes;
    }

    private sealed class Entry(Photo photo)
    {
        public Photo Photo { get; } = photo;

        public int Leases { get; set; }

        public long LastUse { get; set; }

        public bool IsGone { get; set; }
    }
}
