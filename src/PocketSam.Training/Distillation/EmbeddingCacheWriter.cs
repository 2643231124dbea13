using System.Diagnostics;
using System.Numerics.Tensors;

namespace PocketSam.Training.Distillation;

/// <summary>
/// Adds embeddings to a cache. They are kept until they fill a shard, or for ten minutes, and are then written at once: a
/// kill loses no more. Writers of several processes may share a folder, as no shard is ever changed; a writer itself is
/// for one thread.
/// </summary>
public sealed class EmbeddingCacheWriter
{
    /// <summary>Bytes of embeddings in a shard; it may be the one that goes beyond.</summary>
    internal const long DefaultShardBytes = 256 << 20;

    private static readonly TimeSpan DefaultShardTime = TimeSpan.FromMinutes(10);

    private readonly string _folder;
    private readonly CacheIdentity _identity;
    private readonly long _shardBytes;
    private readonly TimeSpan _shardTime;
    private readonly Dictionary<string, string> _hashes;
    private readonly Dictionary<string, CachedEmbedding> _pending = [];
    private readonly Stopwatch _sinceFlush = Stopwatch.StartNew();

    /// <summary>Looks at what a cache holds already; nothing is written yet.</summary>
    /// <param name="folder">The folder of the shards, made when the first one is written.</param>
    /// <param name="teacher">The model whose embeddings they are.</param>
    /// <param name="inputSize">Side of its input.</param>
    /// <param name="shardBytes">Embeddings of so many bytes are written at once.</param>
    /// <param name="shardTime">Or those of so long a time.</param>
    /// <exception cref="DataFormatException">The folder holds embeddings of another teacher or input size.</exception>
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

    /// <summary>Bytes of an embedding; what a shard says of it takes a few hundred more.</summary>
    public long BytesEach => (long)_identity.Count * StoredTensor.SizeOf(DataType.Float16);

    /// <summary>A line for each file that is cut short or broken; what it held counts as missing.</summary>
    public IReadOnlyList<string> Torn { get; }

    /// <summary>Whether there is an embedding of a picture, whatever its file held then.</summary>
    public bool Holds(string key) => _hashes.ContainsKey(key);

    /// <summary>Whether there is an embedding of a picture as its file is now.</summary>
    /// <param name="key">The picture's.</param>
    /// <param name="sha256">Of its file.</param>
    public bool Holds(string key, string sha256) => _hashes.GetValueOrDefault(key) == sha256;

    /// <summary>Adds an embedding, in place of an older one of the key.</summary>
    /// <param name="key">The picture's path from its data file's folder, with <c>/</c> between folders.</param>
    /// <param name="sha256">Of the picture's file, 64 hexadecimal digits in lower case.</param>
    /// <param name="embedding">Of the teacher and the input size of this cache.</param>
    /// <exception cref="ArgumentException">It is of others, or holds values beyond half precision.</exception>
    /// <exception cref="IOException">A shard cannot be written; those before it are untouched.</exception>
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

    /// <summary>Writes what was added and is not written yet, if there is any.</summary>
    /// <exception cref="IOException">The shard cannot be written; it may be tried again.</exception>
    public void Flush()
    {
        if (_pending.Count > 0)
            CacheShard.Write(_folder, _identity, _pending.Values);
        _pending.Clear();
        _sinceFlush.Restart();
    }
}
