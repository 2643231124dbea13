using PocketSam.Training.Data;

namespace PocketSam.Training.Distillation;

/// <summary>
/// A teacher's embeddings of many pictures, computed once: a folder of shards as <see cref="EmbeddingCacheWriter"/> writes
/// them. Each shard says what it holds, so the index is made of their headers. Any number of threads may read.
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

    /// <summary>Where the shards lie.</summary>
    public string Folder { get; }

    /// <summary>The model that made them, as its name was then.</summary>
    public string Teacher => Identity.Teacher;

    /// <summary>As the teacher's <see cref="Sam.Fingerprint"/>.</summary>
    public string Fingerprint => Identity.Fingerprint;

    /// <summary>Side of the teacher's input.</summary>
    public int InputSize => Identity.InputSize;

    /// <summary>Rows and columns of an embedding.</summary>
    public int Side => Identity.Side;

    /// <summary>Values at each place of an embedding.</summary>
    public int Channels => Identity.Channels;

    /// <summary>The pictures by their keys; where a picture was embedded again, as it was last.</summary>
    internal IReadOnlyDictionary<string, CachedEmbedding> Embeddings => _embeddings;

    /// <summary>Pictures that have an embedding.</summary>
    public int Count => _embeddings.Count;

    /// <summary>Files that can be read.</summary>
    public int Shards => _shards.Count;

    /// <summary>Bytes of these files.</summary>
    public long Bytes => _shards.Sum(shard => shard.Bytes);

    /// <summary>A line for each file that is cut short or broken, with its name; what it held counts as missing.</summary>
    public IReadOnlyList<string> Torn => _torn;

    private CacheIdentity Identity => _shards[0].Identity;

    /// <summary>Opens a cache, whose files stay open until it is disposed.</summary>
    /// <param name="folder">The folder of the shards.</param>
    /// <param name="fingerprint">The teacher's; null for any, as long as all shards are of the same.</param>
    /// <param name="inputSize">Side of the teacher's input; null for any, as long as all shards have the same.</param>
    /// <exception cref="DataFormatException">
    /// There are no embeddings, or those of another teacher or input size; the message names the file.
    /// </exception>
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
    /// Writes the embeddings of several caches to a new one, with the files that one process writes that embeds these pictures in
    /// this order: but for their names, and where that process took longer than ten minutes for a file.
    /// </summary>
    /// <param name="folders">The caches, of one teacher and input size.</param>
    /// <param name="output">The folder of the new one, which holds no embedding.</param>
    /// <param name="keys">The pictures, in their order.</param>
    /// <param name="progress">Told the share of the pictures that is written.</param>
    /// <param name="cancellation">Looked at before each file is written; those before it stay.</param>
    /// <exception cref="DataFormatException">A cache is of another teacher or input size, or a picture is in none of them.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
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

    /// <summary>Reads an embedding, by single values in the order <c>[side, side, C]</c>.</summary>
    /// <param name="key">The picture's.</param>
    /// <param name="values">Room for <c>Side * Side * Channels</c> values.</param>
    /// <exception cref="ArgumentException">There is room for another number of values.</exception>
    /// <exception cref="DataFormatException">There is no such picture.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public void Read(string key, Span<float> values) => Find(key).Values.Read(values);

    /// <summary>Looks whether a picture is still the one that was embedded, which reads its file.</summary>
    /// <param name="key">The picture's.</param>
    /// <param name="picture">Its file.</param>
    /// <exception cref="DataFormatException">It is not, it has vanished, or it was never embedded.</exception>
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

    /// <summary>Why these are no embeddings of that teacher at that input size; null where they are.</summary>
    internal string? DifferenceFrom(string fingerprint, int inputSize) => Identity.DifferenceFrom(fingerprint, inputSize);

    /// <summary>As <see cref="Open"/>, but there may be no embeddings yet.</summary>
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
