using System.Text.Json.Serialization;

namespace PocketSam.Server.Api;

/// <summary>Masks to export to a file.</summary>
/// <param name="Format">Name of one of the formats that the service lists.</param>
/// <param name="Objects">The masks.</param>
/// <param name="Classes">
/// The names of all classes in the order of their numbers, each once, so that the exports of several pictures agree.
/// They must include the objects' names, and <c>object</c> if an object has none. By default the objects' names in the
/// order of their first occurrence.
/// </param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ExportRequest(
    string Format, IReadOnlyList<ExportRequest.NamedMask> Objects, IReadOnlyList<string>? Classes = null)
{
    /// <summary>A mask with its properties.</summary>
    /// <param name="Rle">The mask, of the picture's size.</param>
    /// <param name="Name">Name of its class.</param>
    /// <param name="Color">Its colour, <c>#rrggbb</c>.</param>
    /// <param name="PredictedIou">The value from the prediction.</param>
    /// <param name="StabilityScore">The value from the prediction.</param>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    internal sealed record NamedMask(
        Rle Rle,
        string? Name = null,
        string? Color = null,
        [property: JsonPropertyName("predicted_iou")] float? PredictedIou = null,
        [property: JsonPropertyName("stability_score")] float? StabilityScore = null);
}
