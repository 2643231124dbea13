using PocketSam.Training.Data;

namespace PocketSam.Training.Distillation;

/// <summary>
/// A teacher's embeddings of many pictures, in a folder of shards that <see cref="EmbeddingCacheWriter"/> writes. The
/// index is built from the shards' headers. Safe for concurrent reading.
/// </summary>
/// <example>
/// <code>
/// using EmbeddingCache cache = EmbeddingCache.Open("cache", teacher.Fingerprint, 1024);
/// float[] values = new float[cache.Side * cache.Side * cache.Channels];
/// cache.Read("street.jpg", values);
/// </code>
/// </example>
public sealed class EmbeddingCache : IDisposable
{
    private readonly List<CacheShard> _shards = [];
    private readonly List<string> _torn = [];
    private readonly Dictionary<string, CachedEmbedding> _embeddings = [];

    private EmbeddingCache(string folder) => Folder = folder;

    /// <summary>The folder of the shards.</summary>
    public string Folder { get; }

    /// <summary>The teacher's name when the embeddings were computed.</summary>
    public string Teacher => Identity.Teacher;

    /// <summary>The teacher's <see cref="Sam.Fingerprint"/>.</summary>
    public string Fingerprint => Identity.Fingerprint;

    /// <summary>Side of the teacher's input, in pixels.</summary>
    public int InputSize => Identity.InputSize;

    /// <summary>Height and width of an embedding, in cells.</summary>
    public int Side => Identity.Side;

    /// <summary>Number of channels of an embedding.</summary>
    public int Channels => Identity.Channels;

    /// <summary>The entries by key; the latest one if a picture was embedded more than once.</summary>
    internal IReadOnlyDictionary<string, CachedEmbedding> Embeddings => _embeddings;

    /// <summary>Number of pictures with an embedding.</summary>
    public int Count => _embeddings.Count;

    /// <summary>Number of readable shards.</summary>
    public int Shards => _shards.Count;

    /// <summary>Total length of these shards, in bytes.</summary>
    public long Bytes => _shards.Sum(shard => shard.Bytes);

    /// <summary>A line for each incomplete or damaged shard, with its name; its embeddings count as missing.</summary>
    public IReadOnlyList<string> Torn => _torn;

    private CacheIdentity Identity => _shards[0].Identity;

    /// <summary>Opens a cache; its files stay open until it is disposed of.</summary>
    /// <param name="folder">The folder of the shards.</param>
    /// <param name="fingerprint">The teacher's fingerprint; null for any, if all shards have the same.</param>
    /// <param name="inputSize">Side of the teacher's input, in pixels; null for any, if all shards have the
    /// same.</param>
    /// <exception cref="DataFormatException">There are no embeddings, or those of another teacher or input size; the
    /// message names the file.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static EmbeddingCache Open(string folder, string? fingerprint = null, int? inputSize = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        EmbeddingCache cache = OpenAny(folder, fingerprint, inputSize);
        if (cache._shards.Count > 0)
            return cache;
        throw new DataFormatException(
            folder, "holds no embeddings" + (cache._torn.Count == 0 ? "" : $"; {cache._torn.Count} torn: {cache._torn[0]}"));
    }

    /// <summary>
    /// Merges several caches into a new one. Its shards equal those of one process that embeds the pictures in this
    /// order, apart from their names, and from shards that this process would write early after ten minutes.
    /// </summary>
    /// <param name="folders">The caches, of the same teacher and input size.</param>
    /// <param name="output">The folder of the new cache, which has no embeddings.</param>
    /// <param name="keys">The keys of the pictures, in order.</param>
    /// <param name="progress">Reports the fraction of the pictures that is written, 0 to 1.</param>
    /// <param name="cancellation">Checked before each shard is written; the shards before it are kept.</param>
    /// <exception cref="DataFormatException">A cache is of another teacher or input size, or a picture is in none of
    /// them.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    /// <exception cref="OperationCanceledException">The merge is cancelled.</exception>
    public static void Join(
        IReadOnlyList<string> folders, string output, IReadOnlyList<string> keys, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(folders);
        ArgumentException.ThrowIfNullOrEmpty(output);
        ArgumentNullException.ThrowIfNull(keys);
        var caches = new List<EmbeddingCache>();
        try
        {
            foreach (string folder in folders)
                caches.Add(Open(folder, caches.Count == 0 ? null : caches[0].Fingerprint, caches.Count == 0 ? null : caches[0].InputSize));
            CacheIdentity identity = caches[0].Identity;
            long bytesEach = (long)identity.Count * StoredTensor.SizeOf(DataType.Float16);
            int atOnce = (int)Math.Max(1, (EmbeddingCacheWriter.DefaultShardBytes + bytesEach - 1) / bytesEach), done = 0;
            foreach (string[] some in keys.Chunk(atOnce))
            {
                cancellation.ThrowIfCancellationRequested();
                CacheShard.Write(output, identity, [.. some.Select(Find)]);
                progress?.Report((double)(done += some.Length) / keys.Count);
            }
        }
        finally
        {
            caches.ForEach(cache => cache.Dispose());
        }

        CachedEmbedding Find(string key) => caches.Select(cache => cache.Embeddings.GetValueOrDefault(key)).FirstOrDefault(one => one is not null)
            ?? throw new DataFormatException(folders[0], $"no cache has an embedding of {key}");
    }

    /// <summary>Reads an embedding, <c>[side, side, C]</c>, as single-precision values.</summary>
    /// <param name="key">The key of the picture.</param>
    /// <param name="values">Receives <c>Side * Side * Channels</c> values.</param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    /// <exception cref="DataFormatException">The cache has no embedding of the picture.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public void Read(string key, Span<float> values) => Find(key).Values.Read(values);

    /// <summary>Checks by its hash that a picture's file is the one that was embedded.</summary>
    /// <param name="key">The key of the picture.</param>
    /// <param name="picture">The picture's file.</param>
    /// <exception cref="DataFormatException">The file is another one or missing, or the picture has no
    /// embedding.</exception>
    public void Verify(string key, string picture)
    {
        CachedEmbedding embedding = Find(key);
        if (!File.Exists(picture))
            throw new DataFormatException(picture, $"the picture is missing; its embedding is in {Folder}");
        if (PictureKey.Hash(picture) != embedding.Sha256)
            throw new DataFormatException(picture, $"is not the picture whose embedding is in {Folder}; embed it again");
    }

    /// <summary>Closes the files.</summary>
    public void Dispose() => _shards.ForEach(shard => shard.Dispose());

    /// <summary>Why the embeddings are not of this teacher and input size; null if they are.</summary>
    internal string? DifferenceFrom(string fingerprint, int inputSize) => Identity.DifferenceFrom(fingerprint, inputSize);

    /// <summary>Like <see cref="Open"/>, but the cache may be empty.</summary>
    internal static EmbeddingCache OpenAny(string folder, string? fingerprint, int? inputSize)
    {
        var cache = new EmbeddingCache(folder);
        try
        {
            foreach (string path in CacheShard.In(folder))
                cache.Add(path, fingerprint, inputSize);
            return cache;
        }
        catch
        {
            cache.Dispose();
            throw;
        }
    }

    private void Add(string path, string? fingerprint, int? inputSize)
    {
        CacheShard shard;
        try
        {
            shard = CacheShard.Open(path);
        }
        catch (CheckpointFormatException e)
        {
            _torn.Add(e.Message);
            return;
        }

        _shards.Add(shard);
        if (shard.Identity.DifferenceFrom(fingerprint ?? Fingerprint, inputSize ?? InputSize) is { } difference)
            throw new DataFormatException(path, difference);
        foreach (CachedEmbedding embedding in shard.Embeddings)
            _embeddings[embedding.Key] = embedding;
    }

    private CachedEmbedding Find(string key)
        => _embeddings.TryGetValue(key, out CachedEmbedding? embedding) ? embedding : throw new DataFormatException(
            Folder, $"has no embedding of {key}" + (_torn.Count == 0 ? "" : $"; {_torn.Count} torn: {_torn[0]}"));
}
