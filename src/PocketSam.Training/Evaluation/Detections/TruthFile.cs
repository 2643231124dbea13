using System.Text.Json.Serialization;
using PocketSam.Masks.Coco;

namespace PocketSam.Training.Evaluation.Detections;

/// <summary>Instance JSON of COCO or LVIS, with all that their evaluations use.</summary>
internal sealed class TruthFile
{
    public List<Image?>? Images { get; init; }

    public List<Annotation?>? Annotations { get; init; }

    public List<Category?>? Categories { get; init; }

    internal sealed class Image : CocoInput.Image
    {
        public long[]? NegCategoryIds { get; init; }

        public long[]? NotExhaustiveCategoryIds { get; init; }
    }

    internal sealed class Annotation : CocoInput.Annotation
    {
        [JsonConverter(typeof(LooseNumber))]
        public double? Area { get; init; }

        public double[]? Bbox { get; init; }

        [JsonConverter(typeof(LooseFlag))]
        public bool? Ignore { get; init; }
    }

    internal sealed class Category : CocoInput.Category
    {
        [JsonConverter(typeof(LooseText))]
        public string? Frequency { get; init; }
    }
}

/// <summary>An entry of a results file.</summary>
internal sealed class ResultEntry
{
    [JsonConverter(typeof(LooseText))]
    public string? ImageId { get; init; }

    [JsonConverter(typeof(LooseText))]
    public string? CategoryId { get; init; }

    public double[]? Bbox { get; init; }

    public CocoSegmentation? Segmentation { get; init; }

    [JsonConverter(typeof(LooseNumber))]
    public double? Score { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TruthFile))]
[JsonSerializable(typeof(List<ResultEntry?>))]
internal sealed partial class DetectionJson : JsonSerializerContext;
