using System.Text.Json.Serialization;

namespace PocketSam.Masks.Formats;

internal sealed record LabelMeDocument(
    string Version,
    IReadOnlyDictionary<string, bool> Flags,
    IEnumerable<LabelMeDocument.Region> Shapes,
    [property: JsonPropertyName("imagePath")] string ImagePath,
    [property: JsonPropertyName("imageData")] string? ImageData,
    [property: JsonPropertyName("imageHeight")] int ImageHeight,
    [property: JsonPropertyName("imageWidth")] int ImageWidth)
{
    internal sealed record Region(
        string Label,
        IEnumerable<int[]> Points,
        int? GroupId,
        string ShapeType,
        IReadOnlyDictionary<string, bool> Flags);
}
