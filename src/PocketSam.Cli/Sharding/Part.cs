using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using PocketSam.Training.Evaluation;

namespace PocketSam.Cli.Sharding;

/// <summary>
/// The part file of a share, as JSON lines: a line that identifies the run, a line for each picture, and a last line
/// with their number, which only a complete part has. <c>merge</c> finds the results and their order in these files.
/// </summary>
/// <param name="Path">Path of the file.</param>
/// <param name="Run">The run and the share.</param>
/// <param name="Items">The pictures that are done.</param>
/// <param name="IsWhole">Whether the part is complete.</param>
internal sealed record Part(string Path, PartOf Run, IReadOnlyList<PartItem> Items, bool IsWhole)
{
    private const string NameStart = ".pocketsam-";

    /// <summary>The end of the names of part files.</summary>
    public const string Extension = ".part.jsonl";

    /// <summary>Path of the part file of a share.</summary>
    public static string FileOf(string folder, PartOf run)
        => System.IO.Path.Combine(folder, $"{NameStart}{run.Verb}-{run.Share.Replace("/", "-of-", StringComparison.Ordinal)}{Extension}");

    /// <summary>The part files of a folder.</summary>
    public static string[] In(string folder)
        => [.. Directory.EnumerateFiles(folder, NameStart + "*" + Extension).Order(StringComparer.Ordinal)];

    /// <summary>Writes a complete part.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string folder, PartOf run, IReadOnlyList<PartItem> items)
    {
        OutputPath.CreateFolder(folder);
        AtomicFile.Write(FileOf(folder, run), stream =>
        {
            stream.Write(Line(new PartLine(Run: run)));
            foreach (PartItem item in items)
                stream.Write(Line(new PartLine(Item: item)));
            stream.Write(Line(new PartLine(End: items.Count)));
        });
    }

    /// <summary>Reads a part, complete or not; an incomplete last line is ignored.</summary>
    /// <exception cref="IOException">The file cannot be read, or is not a part.</exception>
    public static Part Read(string path)
    {
        PartOf? run = null;
        var items = new List<PartItem>();
        bool isWhole = false;
        foreach (string text in File.ReadLines(path))
        {
            if (Parse(text) is not { } line)
                break;
            run ??= line.Run;
            if (line.Item is { } item)
                items.Add(item);
            isWhole = line.End == items.Count;
        }

        return run is { Verb: not null, Share: { } share, Set: not null, Facts: not null } && Sharding.Share.Read(share) is not null ? new Part(path, run, items, isWhole)
            : throw new IOException($"{path}: does not say whose part it is");
    }

    /// <summary>The bytes of a line.</summary>
    public static byte[] Line(PartLine line) => [.. JsonSerializer.SerializeToUtf8Bytes(line, PartContext), (byte)'\n'];

    private static System.Text.Json.Serialization.Metadata.JsonTypeInfo<PartLine> PartContext { get; } = new PartJson(
        new JsonSerializerOptions(PartJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }).PartLine;

    private static PartLine? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, PartContext);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Identifies the run and the share of a part. Parts of one run differ only in the share.</summary>
/// <param name="Verb">The verb.</param>
/// <param name="Share">The share, <c>I/N</c>.</param>
/// <param name="Pictures">The number of pictures of all shares.</param>
/// <param name="Set">SHA-256 of the names of all pictures in order.</param>
/// <param name="Facts">The settings that determine the results, by name.</param>
internal sealed record PartOf(string Verb, string Share, int Pictures, string Set, IReadOnlyDictionary<string, string> Facts)
{
    /// <summary>The identity of a share of a run.</summary>
    public static PartOf Of(string verb, Share share, IReadOnlyCollection<string> names, IReadOnlyDictionary<string, string> facts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in names)
            hash.AppendData(Encoding.UTF8.GetBytes(name + "\n"));
        return new PartOf(verb, share.ToString(), names.Count, Convert.ToHexStringLower(hash.GetHashAndReset()), facts);
    }

    /// <summary>Why another part is not of the same run; null if it is.</summary>
    public string? DifferenceFrom(PartOf other)
    {
        if (Verb != other.Verb)
            return $"of {Verb}, not {other.Verb}";
        if (Share.Split('/')[^1] != other.Share.Split('/')[^1])
            return $"share {Share}, where others are of {other.Share.Split('/')[^1]}";
        if (Pictures != other.Pictures || Set != other.Set)
            return $"of other pictures ({Pictures}, not {other.Pictures}, or of other names)";
        string? fact = Facts.Keys.Union(other.Facts.Keys).FirstOrDefault(key => Facts.GetValueOrDefault(key) != other.Facts.GetValueOrDefault(key));
        return fact is null ? null : $"{fact} {Facts.GetValueOrDefault(fact) ?? "none"}, not {other.Facts.GetValueOrDefault(fact) ?? "none"}";
    }
}

/// <summary>The result of a picture.</summary>
/// <param name="Place">Index of the picture among those of all shares, from 0.</param>
/// <param name="Name">Its name.</param>
/// <param name="Result">
/// The file or folder of its result, relative to the folder of the part; null if it has none of its own.
/// </param>
/// <param name="Error">Why it failed; null if it did not.</param>
/// <param name="Values">The measured values by name.</param>
/// <param name="Masks">The masks that the model predicts in it, for AP and AR.</param>
/// <param name="Best">The case with the highest value.</param>
/// <param name="Worst">The case with the lowest value.</param>
internal sealed record PartItem(
    int Place, string Name, string? Result = null, string? Error = null, IReadOnlyDictionary<string, double[]>? Values = null,
    IReadOnlyList<BoxMask>? Masks = null, EvaluationCase? Best = null, EvaluationCase? Worst = null);

/// <summary>A line of a part file; one of the three values is set.</summary>
internal sealed record PartLine(PartOf? Run = null, PartItem? Item = null, int? End = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PartLine))]
internal sealed partial class PartJson : JsonSerializerContext;
