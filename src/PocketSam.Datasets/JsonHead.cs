using System.Text.Json;

namespace PocketSam.Datasets;

/// <summary>What a JSON file holds at the top, without its values.</summary>
internal static class JsonHead
{
    /// <summary>
    /// Names of the properties of the object, or of the first object of the list; none where it is neither or no JSON.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="isList">Whether they are those of a list's first object.</param>
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
            // What was read until then is there, and the reader of the format tells the rest.
        }

        return names;
    }
}
