using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PocketSam.Published;

/// <summary>The record of a pulled file, beside it, which shows whether the file has changed since.</summary>
/// <param name="Address">Address of the publisher's file.</param>
/// <param name="SourceSha256">SHA-256 of the publisher's file.</param>
/// <param name="Bytes">Length of the converted file.</param>
/// <param name="Written">Its last write time, in ticks of UTC.</param>
/// <param name="Sha256">SHA-256 of the converted file.</param>
internal sealed record PulledFile(string Address, string SourceSha256, long Bytes, long Written, string Sha256)
{
    /// <summary>Writes the record of a complete file.</summary>
    public static void Write(string path, Uri address, string sourceSha256)
    {
        var file = new FileInfo(path);
        var pulled = new PulledFile(
            address.ToString(), sourceSha256, file.Length, file.LastWriteTimeUtc.Ticks,
            HashOf(path));
        AtomicFile.Write(RecordOf(path), stream => JsonSerializer.Serialize(stream, pulled, PulledFileJson.Default.PulledFile));
    }

    /// <summary>Removes the record.</summary>
    public static void DeleteRecord(string path) => File.Delete(RecordOf(path));

    /// <summary>Whether the file differs from its record; a file without a record counts as unchanged.</summary>
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

        // The content is hashed only if the time differs and the length does not.
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
