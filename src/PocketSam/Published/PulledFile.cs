using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam.Published;

/// <summary>What is written down of a file when it was pulled, beside it: whether somebody has changed it since.</summary>
/// <param name="Address">Where it came from.</param>
/// <param name="SourceSha256">SHA-256 of the publisher's file.</param>
/// <param name="Bytes">Length of the file here.</param>
/// <param name="Written">When it was written, in ticks of UTC.</param>
/// <param name="Sha256">SHA-256 of the file here.</param>
internal sealed record PulledFile(string Address, string SourceSha256, long Bytes, long Written, string Sha256)
{
    /// <summary>Writes down a file that is complete.</summary>
    public static void Write(string path, Uri address, string sourceSha256)
    {
        var file = new FileInfo(path);
        var pulled = new PulledFile(
            address.ToString(), sourceSha256, file.Length, file.LastWriteTimeUtc.Ticks,
            HashOf(path));
        AtomicFile.Write(RecordOf(path), stream => JsonSerializer.Serialize(stream, pulled, PulledFileJson.Default.PulledFile));
    }

    /// <summary>Removes what was written down.</summary>
    public static void Forget(string path) => File.Delete(RecordOf(path));

    /// <summary>Whether the file is not what was pulled; one of which nothing is written down is somebody's own.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static bool IsChanged(string path)
    {
        if (!File.Exists(RecordOf(path)))
            return false;
        PulledFile? pulled;
        try
        {
            using FileStream record = File.OpenRead(RecordOf(path));
            pulled = JsonSerializer.Deserialize(record, PulledFileJson.Default.PulledFile);
        }
        catch (JsonException)
        {
            return true;
        }

        // The content is looked at only where length or time say that it may have changed.
        var file = new FileInfo(path);
        return pulled is null || file.Length != pulled.Bytes
            || (file.LastWriteTimeUtc.Ticks != pulled.Written
                && HashOf(path) != pulled.Sha256);
    }

    private static string HashOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static string RecordOf(string path) => Path.ChangeExtension(path, ".json");
}

[JsonSerializable(typeof(PulledFile))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
internal sealed partial class PulledFileJson : JsonSerializerContext;
