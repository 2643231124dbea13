using System.Text.Json.Serialization;

namespace PocketSam.Masks.Coco;

/// <summary>
/// COCO's instance JSON as programs write it: the used properties only, each in any kind that can mean it. All may be
/// missing; <see cref="CocoDataset"/> checks them.
/// </summary>
internal sealed class CocoInput
{
    public List<Image>? Images { get; init; }

    public List<Annotation>? Annotations { get; init; }

    public List<Category>? Categories { get; init; }

    internal class Image
    {
        [JsonConverter(typeof(LooseText))]
        public string? Id { get; init; }

        [JsonConverter(typeof(LooseText))]
        public string? FileName { get; init; }

        [JsonConverter(typeof(LooseText))]
        public string? CocoUrl { get; init; }

        [JsonConverter(typeof(LooseNumber))]
        public double? Width { get; init; }

        [JsonConverter(typeof(LooseNumber))]
        public double? Height { get; init; }
    }

    internal class Annotation
    {
        [JsonConverter(typeof(LooseText))]
        public string? Id { get; init; }

        [JsonConverter(typeof(LooseText))]
        public string? ImageId { get; init; }

        [JsonConverter(typeof(LooseText))]
        public string? CategoryId { get; init; }

        public CocoSegmentation? Segmentation { get; init; }

        [JsonPropertyName("iscrowd")]
        [JsonConverter(typeof(LooseFlag))]
        public bool? IsCrowd { get; init; }
    }

    internal class Category
    {
        [JsonConverter(typeof(LooseText))]
        public string? Id { get; init; }

        [JsonConverter(typeof(LooseText))]
        public string? Name { get; init; }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CocoInput))]
internal sealed partial class CocoInputJson : JsonSerializerContext;
