using System.Numerics.Tensors;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam;

/// <summary>
/// A closed vocabulary: the words that a model learned from masks with names. The word of a mask is the one whose
/// learned vectors best fit the encoder's features in the mask, in the ring around it and in the whole picture, and the
/// mask's shape; or none. Part of a model's file, as tensors <c>words.*</c> and metadata <c>pocketsam.words</c>.
/// </summary>
public sealed class WordVocabulary
{
    internal const string KeyPrefix = "words.";
    internal const string MetadataKey = "pocketsam.words";

    /// <summary>
    /// Number of shape features of a mask: the logarithms of its area over the picture's and of its aspect ratio, and
    /// its area over its box's.
    /// </summary>
    internal const int ShapeFeatures = 3;

    private const int MaxWords = 4096, LongestName = 100;
    private readonly Dictionary<string, int> _places;

    /// <param name="words">The words.</param>
    /// <param name="threshold">Smallest probability at which a mask shows a word, 0 to 1.</param>
    /// <param name="weights">Vectors of the words.</param>
    internal WordVocabulary(IReadOnlyList<KnownWord> words, float threshold, WordWeights weights)
    {
        (Words, Threshold, Weights) = (words, threshold, weights);
        _places = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < words.Count; i++)
        {
            foreach (string name in words[i].Synonyms.Prepend(words[i].Name))
                _places.TryAdd(name, i);
        }
    }

    /// <summary>The words, in alphabetical order.</summary>
    public IReadOnlyList<KnownWord> Words { get; }

    /// <summary>Smallest probability at which a mask shows a word, 0 to 1.</summary>
    public float Threshold { get; }

    internal WordWeights Weights { get; }

    /// <summary>
    /// The word for a text: a word, a synonym, or its plural in -s or -es, ignoring case; null if there is none.
    /// </summary>
    public KnownWord? Find(string word) => PlaceOf(word) is >= 0 and int place ? Words[place] : null;

    /// <summary>The index in <see cref="Words"/> for a text, or -1.</summary>
    internal int PlaceOf(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        string name = string.Join(' ', word.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        foreach (string ending in new[] { "", "s", "es" })
        {
            if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase) && _places.TryGetValue(name[..^ending.Length], out int place))
                return place;
        }

        return -1;
    }

    /// <summary>
    /// Writes a model's file with this vocabulary in place of its own, if any; other tensors and metadata are copied.
    /// </summary>
    /// <param name="model">The file of the model that the vocabulary was learned with.</param>
    /// <param name="path">The file to write, safetensors.</param>
    /// <exception cref="IOException">The file cannot be written; an
    /// existing file at the path stays as it was.</exception>
    public void Write(Checkpoint model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        Safetensors.Write(
            path, [.. model.Tensors.Where(t => !t.Key.StartsWith(KeyPrefix, StringComparison.Ordinal)), .. ToStored()],
            new Dictionary<string, string>(model.Metadata) { [MetadataKey] = ToJson() });
    }

    /// <summary>The vocabulary of a checkpoint, or null if it has none.</summary>
    /// <exception cref="CheckpointFormatException">The vocabulary is invalid.</exception>
    public static WordVocabulary? Of(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (!checkpoint.Metadata.TryGetValue(MetadataKey, out string? json))
            return null;
        try
        {
            VocabularyHead head = JsonSerializer.Deserialize(json, WordsJson.Default.VocabularyHead) ?? throw new JsonException("null");
            if (head.Words is not { Count: > 0 and <= MaxWords } words || !(head.Threshold is >= 0 and <= 1)
                || words.Any(word => string.IsNullOrWhiteSpace(word.Name) || word.Name.Length > LongestName))
            {
                throw new JsonException("no list of words with a threshold");
            }

            int outcomes = words.Count + 1;
            float[] mask = Read("mask", outcomes, null, out int features), ring = Read("ring", outcomes, features, out _);
            return new WordVocabulary(words, head.Threshold, new WordWeights(
                outcomes, features, mask, ring, Read("image", outcomes, features, out _), Read("shape", outcomes, ShapeFeatures, out _),
                Read("bias", outcomes, 1, out _)));
        }
        catch (JsonException e)
        {
            throw new CheckpointFormatException(checkpoint.Source, $"broken {MetadataKey}: {e.Message}", e);
        }

        float[] Read(string name, int rows, int? columns, out int found)
        {
            if (!checkpoint.Tensors.TryGetValue(KeyPrefix + name, out StoredTensor? tensor))
                throw new CheckpointFormatException(checkpoint.Source, $"tensor {KeyPrefix}{name} is missing");
            if (tensor.Shape is not [var r, > 0 and var c] || r != rows || (columns is { } wanted && c != wanted))
            {
                throw new CheckpointFormatException(
                    checkpoint.Source, $"tensor {KeyPrefix}{name}: shape [{string.Join(", ", tensor.Shape)}] does not fit {rows - 1} words");
            }

            found = c;
            float[] values = tensor.ToFloats();
            return TensorPrimitives.IsFiniteAll<float>(values) ? values
                : throw new CheckpointFormatException(checkpoint.Source, $"tensor {KeyPrefix}{name}: holds a value that is not finite");
        }
    }

    /// <summary>The tensors for a checkpoint, in half precision.</summary>
    internal IEnumerable<KeyValuePair<string, StoredTensor>> ToStored()
    {
        int rows = Weights.Outcomes, features = Weights.Features;
        foreach ((string name, float[] values, int columns) in new[]
        {
            ("mask", Weights.Mask, features), ("ring", Weights.Ring, features), ("image", Weights.Image, features),
            ("shape", Weights.Shape, ShapeFeatures), ("bias", Weights.Bias, 1),
        })
        {
            yield return new(KeyPrefix + name, StoredTensor.FromFloats(values, [rows, columns], DataType.Float16));
        }
    }

    /// <summary>The metadata for a checkpoint.</summary>
    internal string ToJson() => JsonSerializer.Serialize(new VocabularyHead(Threshold, Words), WordsJson.Default.VocabularyHead);
}

/// <summary>Learned vectors of all words, and in the last row those of no word.</summary>
/// <param name="Outcomes">Number of words plus one.</param>
/// <param name="Features">Number of the encoder's features at a place.</param>
/// <param name="Mask">Weights of the mean features in the mask, <c>[Outcomes, Features]</c>.</param>
/// <param name="Ring">Weights of the mean features in the ring around the mask, <c>[Outcomes, Features]</c>.</param>
/// <param name="Image">Weights of the mean features of the whole picture, <c>[Outcomes, Features]</c>.</param>
/// <param name="Shape">Weights of the shape features, <c>[Outcomes, 3]</c>.</param>
/// <param name="Bias">Biases, <c>[Outcomes]</c>.</param>
internal sealed record WordWeights(int Outcomes, int Features, float[] Mask, float[] Ring, float[] Image, float[] Shape, float[] Bias);

/// <param name="Threshold">Smallest probability at which a mask shows a word, 0 to 1.</param>
/// <param name="Words">The words.</param>
internal sealed record VocabularyHead(float Threshold, IReadOnlyList<KnownWord> Words);

[JsonSerializable(typeof(VocabularyHead))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class WordsJson : JsonSerializerContext;
