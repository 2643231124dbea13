using System.Globalization;
using System.Text.RegularExpressions;

namespace PocketSam.Training.Distillation;

/// <summary>
/// One file of a cache, never changed once it is there: a safetensors file with a float16 tensor
/// <c>[side, side, C]</c> for each picture, named by its key. The metadata hold the teacher, its fingerprint and the input
/// size, and for each picture <c>picture/KEY</c>: <c>WIDTH HEIGHT SHA256</c>.
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

    /// <summary>The file.</summary>
    public string Path => _file.Source;

    /// <summary>Its length.</summary>
    public long Bytes => _file.Bytes!.Length;

    /// <summary>The teacher and the sizes.</summary>
    public CacheIdentity Identity { get; }

    /// <summary>One for each picture.</summary>
    public IReadOnlyList<CachedEmbedding> Embeddings { get; }

    /// <summary>The shards of a folder in the order they were written; none where there is no folder.</summary>
    public static IEnumerable<string> In(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, NameStart + "*" + Extension).Order(StringComparer.Ordinal)
        : [];

    /// <summary>Opens a shard, which stays open.</summary>
    /// <exception cref="CheckpointFormatException">It is torn, or no shard at all.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
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

    /// <summary>Writes a shard whole or not at all; its name is that of no other, whoever else writes to the folder.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
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
    /// A name after all that are there, whatever the clock says: <c>s</c> and the next number, which comes after names
    /// of 32 hexadecimal digits, as shards had before numbers. Writers at the same time may take the same number; the rest differs.
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
