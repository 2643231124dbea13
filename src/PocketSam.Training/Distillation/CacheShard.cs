using System.Globalization;
using System.Text.RegularExpressions;

namespace PocketSam.Training.Distillation;

/// <summary>
/// A file of a cache, which is never changed: a safetensors file with a float16 tensor <c>[side, side, C]</c> for each
/// picture, named by the picture's key. The metadata contain the teacher's name, its fingerprint and the input size,
/// and for each picture an entry <c>picture/KEY</c>: <c>WIDTH HEIGHT SHA256</c>.
/// </summary>
internal sealed partial class CacheShard : IDisposable
{
    private const string NameStart = "embeddings-";
    private const string Extension = ".safetensors";
    private const string PicturePrefix = "picture/";
    private const int HashDigits = 64;

    private readonly Checkpoint _file;

    private CacheShard(Checkpoint file)
    {
        _file = file;
        int inputSize = Number(Text(EmbeddingFile.InputSizeKey), EmbeddingFile.InputSizeKey);
        int side = inputSize / SamConfig.EmbeddingStride;
        var embeddings = new List<CachedEmbedding>(file.Tensors.Count);
        int channels = 0;
        foreach ((string key, StoredTensor values) in file.Tensors)
        {
            if (values.Type != DataType.Float16 || values.Shape is not [int rows, int columns, > 0]
                || rows != side || columns != side || (channels > 0 && values.Shape[2] != channels))
            {
                throw Broken($"tensor {key}: {values.Type} [{string.Join(", ", values.Shape)}] is no embedding of an input "
                    + $"of {inputSize}");
            }

            channels = values.Shape[2];
            string name = PicturePrefix + key;
            if (Text(name).Split(' ') is not [var width, var height, { Length: HashDigits } hash])
                throw Broken($"the metadata {name} are not a width, a height and a SHA-256");
            embeddings.Add(new(key, Number(width, name), Number(height, name), hash, values));
        }

        if (channels == 0)
            throw Broken("holds no embedding");
        Identity = new(Text(EmbeddingFile.ModelKey), Text(EmbeddingFile.FingerprintKey), inputSize, channels);
        Embeddings = embeddings;
    }

    /// <summary>Path of the file.</summary>
    public string Path => _file.Source;

    /// <summary>Length of the file, in bytes.</summary>
    public long Bytes => _file.Bytes!.Length;

    /// <summary>The teacher and the sizes.</summary>
    public CacheIdentity Identity { get; }

    /// <summary>The embeddings, one per picture.</summary>
    public IReadOnlyList<CachedEmbedding> Embeddings { get; }

    /// <summary>
    /// Paths of the shards of a folder in the order they were written; none if the folder does not exist.
    /// </summary>
    public static IEnumerable<string> In(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, NameStart + "*" + Extension).Order(StringComparer.Ordinal)
        : [];

    /// <summary>Opens a shard; its file stays open until it is disposed of.</summary>
    /// <exception cref="CheckpointFormatException">The file is incomplete or not a shard.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static CacheShard Open(string path)
    {
        Checkpoint file = Safetensors.Read(path);
        try
        {
            return new CacheShard(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Writes a shard atomically, under a name that is unique even if other processes write to the folder.
    /// </summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string folder, CacheIdentity identity, IReadOnlyCollection<CachedEmbedding> embeddings)
    {
        var metadata = new Dictionary<string, string>
        {
            [EmbeddingFile.ModelKey] = identity.Teacher,
            [EmbeddingFile.FingerprintKey] = identity.Fingerprint,
            [EmbeddingFile.InputSizeKey] = identity.InputSize.ToString(CultureInfo.InvariantCulture),
        };
        foreach (CachedEmbedding embedding in embeddings)
        {
            metadata[PicturePrefix + embedding.Key] = string.Create(
                CultureInfo.InvariantCulture, $"{embedding.Width} {embedding.Height} {embedding.Sha256}");
        }

        Directory.CreateDirectory(folder);

        Safetensors.Write(
            System.IO.Path.Combine(folder, NextName(folder)),
            embeddings.Select(embedding => KeyValuePair.Create(embedding.Key, embedding.Values)), metadata);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>
    /// A name that is sorted after all existing ones, whatever the clock: <c>s</c> and the next number. It also follows
    /// names of 32 hexadecimal digits, an older format. Concurrent writers may use the same number; the rest of the
    /// name differs.
    /// </summary>
    private static string NextName(string folder)
    {
        int last = In(folder).Select(path => NumberedName().Match(System.IO.Path.GetFileName(path)))
            .Where(name => name.Success).Max(name => (int?)int.Parse(name.Groups[1].Value, CultureInfo.InvariantCulture)) ?? 0;
        return string.Create(CultureInfo.InvariantCulture, $"{NameStart}s{last + 1:d9}-{Guid.NewGuid():N}{Extension}");
    }

    [GeneratedRegex("^embeddings-s([0-9]{9})-")]
    private static partial Regex NumberedName();

    private string Text(string name)
        => _file.Metadata.GetValueOrDefault(name) ?? throw Broken($"no shard of a cache: the metadata have no {name}");

    private int Number(string text, string name)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
            ? number
            : throw Broken($"the metadata {name}: '{text}' is not a positive whole number");

    private CheckpointFormatException Broken(string reason) => new(_file.Source, reason);
}
