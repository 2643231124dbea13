using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace PocketSam.Masks.Coco;

/// <summary>Reads JSON files of COCO's kinds, as Python writes them.</summary>
internal static class CocoJson
{
    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="type">What it holds.</param>
    /// <param name="kind">What it ought to be, in words for a message.</param>
    /// <exception cref="DataFormatException">It is missing, cannot be opened, or is something else.</exception>
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
            // The parser's own words name what stands there; those of the serializer name types of this program.
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
