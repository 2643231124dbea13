using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using PocketSam.Cli.Sharding;

namespace PocketSam.Cli.Pictures;

/// <summary>
/// The log of a folder of results, one line of JSON for each: the picture, the model and options, and a hash of the
/// written file. With it results of other options are not mistaken for the requested ones, files of the user are not
/// replaced, and results are not read as input pictures.
/// </summary>
internal sealed class ResultLog
{
    private const string NameStart = ".pocketsam";
    private const string Extension = ".jsonl";

    private const int Attempts = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly string _folder;
    private readonly string _file;
    private readonly Dictionary<(string Name, string Sha256), Entry> _entries = [];

    private ResultLog(string folder, Share? share)
    {
        _folder = folder;
        _file = Path.Combine(folder, NameStart + (share is null ? "" : $"-{share.Index}-of-{share.Count}") + Extension);
    }

    /// <summary>Names of all results relative to the folder, with <c>/</c> as the separator.</summary>
    public IEnumerable<string> Names => _entries.Keys.Select(key => key.Name);

    /// <summary>Whether a file is a log or the part file of a share, judged by its name.</summary>
    public static bool IsNamed(string path)
        => Path.GetFileName(path) is { } name && name.StartsWith(NameStart, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal);

    /// <summary>Paths of the logs of a folder: a common one, and one for each share.</summary>
    public static IEnumerable<string> In(string folder, SearchOption option = SearchOption.TopDirectoryOnly)
        => Directory.Exists(folder) ? Directory.EnumerateFiles(folder, NameStart + "*" + Extension, option)
            .Where(path => !path.EndsWith(Part.Extension, StringComparison.Ordinal)) : [];

    /// <summary>
    /// Reads the logs of a folder, if there are any. Truncated lines are skipped. A share appends to its own log, so
    /// that machines that write to one folder do not wait for each other.
    /// </summary>
    public static ResultLog Open(string folder, Share? share = null)
    {
        var log = new ResultLog(folder, share);
        foreach (string path in In(folder))
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            while (reader.ReadLine() is { } line)
            {
                if (Parse(line) is { Name: not null, Sha256: not null } entry)
                    log._entries[(entry.Name, entry.Sha256)] = entry;
            }
        }

        return log;
    }

    /// <summary>State of the path of a result.</summary>
    /// <param name="target">Path of the result, a file or folder.</param>
    /// <param name="picture">SHA-256 of the picture.</param>
    /// <param name="request">The model and options in one line.</param>
    public ResultState StateOf(string target, string picture, string request)
    {
        if (!(File.Exists(target) ? new FileInfo(target).Length > 0 : Directory.Exists(target)))
            return ResultState.Missing;
        if (!_entries.TryGetValue((NameOf(target), Hash(target)), out Entry? entry))
            return ResultState.Foreign;
        return entry.Picture == picture && entry.Request == request ? ResultState.Done : ResultState.Stale;
    }

    /// <summary>Adds a written result to the log.</summary>
    /// <exception cref="IOException">The log cannot be written.</exception>
    public void Add(string target, string picture, string request)
    {
        var entry = new Entry(NameOf(target), Hash(target), picture, request);
        _entries[(entry.Name, entry.Sha256)] = entry;

        // Start a new line, even if the previous one is truncated.
        byte[] line = Encoding.UTF8.GetBytes("\n" + JsonSerializer.Serialize(entry, ResultLogJson.Default.Entry));
        for (int i = 1;; i++)
        {
            try
            {
                using var stream = new FileStream(
                    _file, FileMode.Append, FileAccess.Write, FileShare.None);
                stream.Write(line);
                return;
            }
            catch (IOException) when (i < Attempts)
            {
                // Another process is writing to the log.
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

    /// <summary>SHA-256 of a file's bytes, or of the names and bytes of a folder's files.</summary>
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

/// <summary>State of the path of a result.</summary>
internal enum ResultState
{
    /// <summary>Nothing, or an empty file.</summary>
    Missing,

    /// <summary>The requested result.</summary>
    Done,

    /// <summary>An unchanged result of another picture, model or options.</summary>
    Stale,

    /// <summary>A file that is not in the log, or has been changed.</summary>
    Foreign,
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ResultLog.Entry))]
internal sealed partial class ResultLogJson : JsonSerializerContext;
