using System.Text.Json;

namespace PocketSam.Datasets;

/// <summary>Reads the outermost names of a JSON file, without its values.</summary>
internal static class JsonHead
{
    /// <summary>
    /// Names of the properties of the outermost object, or of the first object of an outermost list; empty for other
    /// JSON and for files that are not JSON.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="isList">Whether the file is a list.</param>
    public static IReadOnlySet<string> Read(string path, out bool isList)
    {
        isList = false;
        var names = new HashSet<string>();
        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            ReadOnlySpan<byte> json = bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsSpan(3) : bytes;
            var reader = new Utf8JsonReader(json);
            if (reader.Read() && reader.TokenType == JsonTokenType.StartArray)
                isList = reader.Read();
            while (reader.TokenType == JsonTokenType.StartObject && reader.Read() || reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                    break;
                names.Add(reader.GetString()!);
                reader.Read();
                reader.Skip();
                reader.Read();
            }
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            // The names read so far are kept; the format's reader reports the problem.
        }

        return names;
    }
}
