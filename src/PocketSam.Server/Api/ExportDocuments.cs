using System.Text.Json.Serialization;

namespace PocketSam.Server.Api;

/// <summary>Masks to be made a file.</summary>
/// <param name="Format">One of the formats that the service lists.</param>
/// <param name="Objects">The masks.</param>
/// <param name="Classes">
/// The names of all classes, each once, in the order of their numbers, so that they agree between the exports of several
/// pictures; those of the objects are among them, <c>object</c> for one without a name. By default the names of the objects
/// in the order in which they come first.
/// </param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ExportRequest(
    string Format, IReadOnlyList<ExportRequest.NamedMask> Objects, IReadOnlyList<string>? Classes = null)
{
    /// <summary>One of them.</summary>
    /// <param name="Rle">The mask, of the picture's size.</param>
    /// <param name="Name">What it shows.</param>
    /// <param name="Color">How it is drawn: <c>#rrggbb</c>.</param>
    /// <param name="PredictedIou">As the prediction gave it.</param>
    /// <param name="StabilityScore">As the prediction gave it.</param>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    internal sealed record NamedMask(
        Rle Rle,
        string? Name = null,
        string? Color = null,
        [property: JsonPropertyName("predicted_iou")] float? PredictedIou = null,
        [property: JsonPropertyName("stability_score")] float? StabilityScore = null);
}
