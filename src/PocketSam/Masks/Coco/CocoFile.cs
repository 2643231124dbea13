using System.Text.Json.Serialization;

namespace PocketSam.Masks.Coco;

/// <summary>COCO's instance JSON as it is written.</summary>
internal sealed class CocoFile
{
    public List<Image>? Images { get; init; }

    public List<Annotation>? Annotations { get; init; }

    public List<Category>? Categories { get; init; }

    internal sealed class Image
    {
        public long? Id { get; init; }

        public string? FileName { get; init; }

        public int? Width { get; init; }

        public int? Height { get; init; }
    }

    internal sealed class Annotation
    {
        public long? Id { get; init; }

        public long? ImageId { get; init; }

        public long? CategoryId { get; init; }

        public CocoSegmentation? Segmentation { get; init; }

        public double? Area { get; init; }

        [JsonPropertyName("bbox")]
        public double[]? Box { get; init; }

        [JsonPropertyName("iscrowd")]
        public int? IsCrowd { get; init; }
    }

    internal sealed class Category
    {
        public long? Id { get; init; }

        public string? Name { get; init; }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CocoFile))]
internal sealed partial class CocoJsonContext : JsonSerializerContext;
