using System.Text.Json.Serialization;

namespace PocketSam.Server.Api;

/// <summary>Masks to be made a file.</summary>
/// <param name="Format">One of the formats that the service lists.</param>
/// <param name="Objects">The masks.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ExportRequest(string Format, IReadOnlyList<ExportRequest.NamedMask> Objects)
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
