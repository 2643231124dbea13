using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam.Cli.Pictures;

/// <summary>
/// What was written to a folder of results, a line of JSON each: of which picture, by which model and options, and what the
/// file held then. So results of other options are not taken for those that are asked for, nobody's own file is replaced,
/// and pictures that are results are not taken for pictures.
/// </summary>
internal sealed class ResultLog
{
    /// <summary>The file in the folder.</summary>
    public const string FileName = ".pocketsam.jsonl";

    private const int Attempts = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly string _folder;
    private readonly Dictionary<string, Entry> _entries = [];

    private ResultLog(string folder) => _folder = folder;

    /// <summary>Names of all results, from the folder, with <c>/</c> between folders.</summary>
    public IEnumerable<string> Names => _entries.Keys;

    /// <summary>Reads the log of a folder; without one nothing was written. Lines that are cut short do not count.</summary>
    public static ResultLog Open(string folder)
    {
        var log = new ResultLog(folder);
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return log;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            if (Parse(line) is { Name: not null } entry)
                log._entries[entry.Name] = entry;
        }

        return log;
    }

    /// <summary>What there is at the place of a result.</summary>
    /// <param name="target">The file or folder.</param>
    /// <param name="picture">SHA-256 of the picture.</param>
    /// <param name="request">What is asked for, in a line.</param>
    public ResultState StateOf(string target, string picture, string request)
    {
        if (!(File.Exists(target) ? new FileInfo(target).Length > 0 : Directory.Exists(target)))
            return ResultState.Missing;
        if (!_entries.TryGetValue(NameOf(target), out Entry? entry) || entry.Sha256 != Hash(target))
            return ResultState.Foreign;
        return entry.Picture == picture && entry.Request == request ? ResultState.Done : ResultState.Stale;
    }

    /// <summary>Notes a result that was written.</summary>
    /// <exception cref="IOException">The log cannot be written.</exception>
    public void Add(string target, string picture, string request)
    {
        var entry = new Entry(NameOf(target), Hash(target), picture, request);
        _entries[entry.Name] = entry;

        // A line of its own even where the one before was cut short.
        byte[] line = Encoding.UTF8.GetBytes("\n" + JsonSerializer.Serialize(entry, ResultLogJson.Default.Entry));
        for (int i = 1;; i++)
        {
            try
            {
                using var stream = new FileStream(
                    Path.Combine(_folder, FileName), FileMode.Append, FileAccess.Write, FileShare.None);
                stream.Write(line);
                return;
            }
            catch (IOException) when (i < Attempts)
            {
                // Another process adds a line of its own.
                Thread.Sleep(Pause);
            }
        }
    }

    private static Entry? Parse(string line)
    {
        try
        {
            return line.Length == 0 ? null : JsonSerializer.Deserialize(line, ResultLogJson.Default.Entry);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private string NameOf(string target)
        => Path.GetRelativePath(_folder, target).Replace(Path.DirectorySeparatorChar, '/');

    /// <summary>Of a file its bytes, of a folder the names and bytes of its files.</summary>
    private static string Hash(string target)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (File.Exists(target))
        {
            Append(hash, target);
        }
        else
        {
            foreach (string file in Directory.EnumerateFiles(target, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(target, file) + "\n"));
                Append(hash, file);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, string path)
    {
        using FileStream stream = File.OpenRead(path);
        hash.AppendData(SHA256.HashData(stream));
    }

    internal sealed record Entry(string Name, string Sha256, string Picture, string Request);
}

/// <summary>What there is at the place of a result.</summary>
internal enum ResultState
{
    /// <summary>Nothing, or an empty file.</summary>
    Missing,

    /// <summary>The result that is asked for.</summary>
    Done,

    /// <summary>A result of another picture, model or options, as it was written.</summary>
    Stale,

    /// <summary>Something that was not written here, or was changed since.</summary>
    Foreign,
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ResultLog.Entry))]
internal sealed partial class ResultLogJson : JsonSerializerContext;
