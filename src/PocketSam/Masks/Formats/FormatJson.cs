using System.Text.Json.Serialization;

namespace PocketSam.Masks.Formats;

/// <summary>
/// The JSON documents of this folder. Property names are those of the formats, in snake case unless declared otherwise.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LabelMeDocument))]
[JsonSerializable(typeof(GeoJsonDocument))]
internal sealed partial class FormatJson : JsonSerializerContext;
