using System.Text.Json;
using PocketSam.Training.Words;

namespace PocketSam.Cli.Words;

/// <summary>
/// The names of a data set's masks: its categories, or a file with the names by picture and annotation id,
/// <c>{"images/a.jpg": [{"id": 7, "category": "cat"}]}</c>.
/// </summary>
internal static class NameList
{
    /// <summary>Reads the file: names by picture and annotation id.</summary>
    /// <exception cref="DataFormatException">The file is missing or is not such a list.</exception>
    public static Dictionary<string, Dictionary<long, string>> Read(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.EnumerateObject().ToDictionary(
                picture => picture.Name,
                picture => picture.Value.EnumerateArray()
                    .Select(mask => (Id: mask.GetProperty("id").GetInt64(), Name: mask.GetProperty("category").GetString() ?? ""))
                    .Where(mask => mask.Name.Length > 0).GroupBy(mask => mask.Id).ToDictionary(g => g.Key, g => g.First().Name));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new DataFormatException(path, $"no list of names by picture: {e.Message}", e);
        }
        catch (FileNotFoundException e)
        {
            throw new DataFormatException(path, "there is no such file", e);
        }
    }

    /// <summary>The pictures of a data set that have a named mask.</summary>
    public static IEnumerable<NamedPicture> Of(CocoDataset data, Dictionary<string, Dictionary<long, string>>? names)
        => data.Images.Select(image => names is not null && names.TryGetValue(image.Name, out Dictionary<long, string>? own)
            ? NamedPicture.Of(image, own) : NamedPicture.Of(image)).Where(picture => picture.Names.Any(name => name is not null));
}
