using System.Text.Json.Serialization;
using PocketSam.Segmentation.Everything;

namespace PocketSam.Masks.Formats;

/// <summary>
/// The JSON documents of this folder. Names are those of the formats, in snake case unless they say else.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EverythingDocument))]
[JsonSerializable(typeof(CocoDocument))]
[JsonSerializable(typeof(LabelMeDocument))]
[JsonSerializable(typeof(GeoJsonDocument))]
internal sealed partial class ExportJson : JsonSerializerContext;
