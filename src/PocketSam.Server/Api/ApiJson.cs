using System.Text.Json.Serialization;

namespace PocketSam.Server.Api;

/// <summary>JSON serialization of requests and responses.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(InfoDocument))]
[JsonSerializable(typeof(ImageDocument))]
[JsonSerializable(typeof(PredictRequest))]
[JsonSerializable(typeof(PredictResponse))]
[JsonSerializable(typeof(MaskDocument))]
[JsonSerializable(typeof(EverythingRequest))]
[JsonSerializable(typeof(EverythingProgress))]
[JsonSerializable(typeof(EverythingEnd))]
[JsonSerializable(typeof(FindRequest))]
[JsonSerializable(typeof(FindProgress))]
[JsonSerializable(typeof(FoundMaskDocument))]
[JsonSerializable(typeof(FindEnd))]
[JsonSerializable(typeof(EncodingProgress))]
[JsonSerializable(typeof(ExportRequest))]
[JsonSerializable(typeof(IReadOnlyList<SampleDocument>))]
[JsonSerializable(typeof(HealthDocument))]
[JsonSerializable(typeof(ProblemDocument))]
internal sealed partial class ApiJson : JsonSerializerContext;
