using System.Text.Json.Serialization;

namespace PocketSam.Server.Api;

/// <summary>Options for finding all masks; for each omitted one the model's default applies.</summary>
/// <param name="Mode"><c>hierarchical</c> or <c>dense</c>.</param>
/// <param name="PointsPerSide">Points along each side of the grid, 1 to the service's limit.</param>
/// <param name="PredIouThresh">Least predicted IoU, 0 to 1.</param>
/// <param name="StabilityScoreThresh">Least stability score, 0 to 1.</param>
/// <param name="MinArea">Holes and islands of fewer pixels than this are removed.</param>
/// <param name="MinRegion">Holes and islands smaller than this fraction of their mask are removed, 0 to 1.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record EverythingRequest(
    string? Mode = null,
    [property: JsonPropertyName("points_per_side")] int? PointsPerSide = null,
    [property: JsonPropertyName("pred_iou_thresh")] float? PredIouThresh = null,
    [property: JsonPropertyName("stability_score_thresh")] float? StabilityScoreThresh = null,
    [property: JsonPropertyName("min_area")] int? MinArea = null,
    [property: JsonPropertyName("min_region")] double? MinRegion = null);

/// <summary>Progress of finding all masks.</summary>
/// <param name="Done">Points that are done or can be skipped.</param>
/// <param name="Total">Total number of points.</param>
internal sealed record EverythingProgress(int Done, int Total);

/// <summary>End of finding all masks.</summary>
/// <param name="Count">Number of masks sent.</param>
/// <param name="Milliseconds">Duration, with the wait for a turn, without receiving and sending.</param>
internal sealed record EverythingEnd(int Count, double Milliseconds);

/// <summary>Progress of encoding a picture.</summary>
/// <param name="Fraction">Fraction done, 0 to 1.</param>
internal sealed record EncodingProgress(double Fraction);
