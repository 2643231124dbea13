using System.Diagnostics;
using System.Numerics.Tensors;

namespace PocketSam.Training.Distillation;

/// <summary>
/// Adds embeddings to a cache. They are collected until they fill a shard, or for ten minutes, and are then written, so
/// that a crash loses only these. Several processes may write to one folder, because shards are never changed. Not safe
/// for concurrent use.
/// </summary>
public sealed class EmbeddingCacheWriter
{
    /// <summary>Bytes of embeddings from which on a shard is written.</summary>
    internal const long DefaultShardBytes = 256 << 20;

    private static readonly TimeSpan DefaultShardTime = TimeSpan.FromMinutes(10);

    private readonly string _folder;
    private readonly CacheIdentity _identity;
    private readonly long _shardBytes;
    private readonly TimeSpan _shardTime;
    private readonly Dictionary<string, string> _hashes;
    private readonly Dictionary<string, CachedEmbedding> _pending = [];
    private readonly Stopwatch _sinceFlush = Stopwatch.StartNew();

    /// <summary>Reads the index of an existing cache; nothing is written yet.</summary>
    /// <param name="folder">The folder of the shards, which is created with the first one.</param>
    /// <param name="teacher">The model that computes the embeddings.</param>
    /// <param name="inputSize">Side of its input, in pixels.</param>
    /// <param name="shardBytes">Bytes of embeddings from which on a shard is written.</param>
    /// <param name="shardTime">Time after which a shard is written; null for ten minutes.</param>
    /// <exception cref="DataFormatException">The folder has embeddings of another teacher or input size.</exception>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public EmbeddingCacheWriter(
        string folder, Sam teacher, int inputSize, long shardBytes = DefaultShardBytes, TimeSpan? shardTime = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(teacher);
        teacher.Config.ValidateInputSize(inputSize);
        _folder = folder;
        _identity = new(teacher.Name, teacher.Fingerprint, inputSize, teacher.Config.FeatureChannels);
        _shardBytes = shardBytes;
        _shardTime = shardTime ?? DefaultShardTime;
        using EmbeddingCache there = EmbeddingCache.OpenAny(folder, _identity.Fingerprint, inputSize);
        _hashes = there.Embeddings.ToDictionary(pair => pair.Key, pair => pair.Value.Sha256);
        Torn = there.Torn;
    }

    /// <summary>Bytes of an embedding; its metadata take a few hundred more.</summary>
    public long BytesEach => (long)_identity.Count * StoredTensor.SizeOf(DataType.Float16);

    /// <summary>A line for each incomplete or damaged shard; its embeddings count as missing.</summary>
    public IReadOnlyList<string> Torn { get; }

    /// <summary>Whether there is an embedding of a picture, of any content of its file.</summary>
    public bool Holds(string key) => _hashes.ContainsKey(key);

    /// <summary>Whether there is an embedding of a picture with the current content of its file.</summary>
    /// <param name="key">The key of the picture.</param>
    /// <param name="sha256">SHA-256 of the file, in lower-case hexadecimal.</param>
    public bool Holds(string key, string sha256) => _hashes.GetValueOrDefault(key) == sha256;

    /// <summary>Adds an embedding; it replaces an older one with the same key.</summary>
    /// <param name="key">Path of the picture relative to the folder of its data file, with <c>/</c> between
    /// folders.</param>
    /// <param name="sha256">SHA-256 of the picture's file, 64 lower-case hexadecimal digits.</param>
    /// <param name="embedding">An embedding of this cache's teacher and input size.</param>
    /// <exception cref="ArgumentException">It is of another teacher or input size, or has values beyond the range of
    /// half precision.</exception>
    /// <exception cref="IOException">A shard cannot be written; those before it are not affected.</exception>
    public void Add(string key, string sha256, ImageEmbedding embedding)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentException.ThrowIfNullOrEmpty(sha256);
        ArgumentNullException.ThrowIfNull(embedding);
        ImageGeometry geometry = embedding.Geometry;
        if (embedding.ModelFingerprint != _identity.Fingerprint || geometry.InputSize != _identity.InputSize)
            throw new ArgumentException($"{key}: the embedding is of another model or input size");
        using (ImageEmbedding.Loan loan = embedding.Borrow())
        {
            if (!(TensorPrimitives.MaxMagnitude<float>(loan.Tensor.Span) <= (float)Half.MaxValue))
                throw new ArgumentException($"{key}: the embedding holds values beyond half precision");
            var values = StoredTensor.FromFloats(
                loan.Tensor.Span, [_identity.Side, _identity.Side, _identity.Channels], DataType.Float16);
            _pending[key] = new(key, geometry.Width, geometry.Height, sha256, values);
        }

        _hashes[key] = sha256;
        if (_pending.Count * BytesEach >= _shardBytes || _sinceFlush.Elapsed >= _shardTime)
            Flush();
    }

    /// <summary>Writes the embeddings that are not written yet, if there are any.</summary>
    /// <exception cref="IOException">The shard cannot be written; <see cref="Flush"/> may be called again.</exception>
    public void Flush()
    {
        if (_pending.Count > 0)
            CacheShard.Write(_folder, _identity, _pending.Values);
        _pending.Clear();
        _sinceFlush.Restart();
    }
}
