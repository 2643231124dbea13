using System.Text.Json.Serialization;

namespace PocketSam.Server.Api;

/// <summary>How all masks are looked for. What is left out is the model's own default.</summary>
/// <param name="Mode"><c>hierarchical</c> or <c>dense</c>.</param>
/// <param name="PointsPerSide">Points along each side of the grid, 1 to the service's limit.</param>
/// <param name="PredIouThresh">Least predicted IoU, 0 to 1.</param>
/// <param name="StabilityScoreThresh">Least stability score, 0 to 1.</param>
/// <param name="MinArea">Holes and islands of fewer pixels are removed.</param>
/// <param name="MinRegion">Holes and islands smaller than this share of their mask are removed, 0 to 1.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record EverythingRequest(
    string? Mode = null,
    [property: JsonPropertyName("points_per_side")] int? PointsPerSide = null,
    [property: JsonPropertyName("pred_iou_thresh")] float? PredIouThresh = null,
    [property: JsonPropertyName("stability_score_thresh")] float? StabilityScoreThresh = null,
    [property: JsonPropertyName("min_area")] int? MinArea = null,
    [property: JsonPropertyName("min_region")] double? MinRegion = null);

/// <summary>How far the search for all masks has come.</summary>
/// <param name="Done">Points that were asked for or need not be.</param>
/// <param name="Total">Points in all.</param>
internal sealed record EverythingProgress(int Done, int Total);

/// <summary>The search for all masks has ended.</summary>
/// <param name="Count">Masks that were sent.</param>
/// <param name="Milliseconds">Time that it took, waiting for a turn included, receiving and sending not.</param>
internal sealed record EverythingEnd(int Count, double Milliseconds);

/// <summary>How far encoding has come.</summary>
/// <param name="Fraction">0 to 1.</param>
internal sealed record EncodingProgress(double Fraction);
