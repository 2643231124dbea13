using System.Text.Json.Serialization;

namespace PocketSam.Segmentation.Everything;

internal sealed record GeneratedMaskDocument(
    GeneratedMaskDocument.Photo Image, IEnumerable<GeneratedMaskDocument.FoundMask> Annotations)
{
    internal sealed record Photo(string Path, int Width, int Height);

    internal sealed record FoundMask(
        Rle Segmentation,
        int Area,
        int[] Bbox,
        float PredictedIou,
        [property: JsonPropertyName("point_coords")] IEnumerable<double[]> Points,
        float StabilityScore,
        int[] CropBox);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(GeneratedMaskDocument))]
internal sealed partial class GeneratedMaskJson : JsonSerializerContext;
