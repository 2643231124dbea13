using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace PocketSam.Masks.Coco;

/// <summary>Reads COCO's JSON files, including those written by Python.</summary>
internal static class CocoJson
{
    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="type">The type of its content.</param>
    /// <param name="kind">Name of the expected content, for messages.</param>
    /// <exception cref="DataFormatException">The file is missing, cannot be opened, or has other content.</exception>
    public static T Read<T>(string path, JsonTypeInfo<T> type, string kind)
        where T : class
    {
        if (Directory.Exists(path))
            throw new DataFormatException(path, "a folder; give the COCO file in it");
        try
        {
            using FileStream stream = File.OpenRead(path);
            using var json = new PythonJsonStream(stream);
            return JsonSerializer.Deserialize(json, type) ?? throw new DataFormatException(path, "the file holds only null");
        }
        catch (JsonException exception)
        {
            // The parser's message describes the file; the serializer's names types of this program.
            string what = exception.InnerException is JsonException inner ? inner.Message : $"a value of another kind at {exception.Path}";
            throw new DataFormatException(path, $"not {kind}: {what}", exception);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataFormatException(path, "there is no such file", exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new DataFormatException(path, "the file cannot be opened", exception);
        }
    }
}
