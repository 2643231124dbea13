using System.Text.Json.Serialization;

namespace PocketSam.Server.Api;

/// <summary>The objects to segment.</summary>
/// <param name="Objects">One prompt for each object.</param>
/// <param name="Format">Encoding of the masks: <c>rle</c> or <c>png</c>.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PredictRequest(
    IReadOnlyList<PredictRequest.ObjectPrompt> Objects, string Format = PredictRequest.RleFormat)
{
    public const string RleFormat = "rle";
    public const string PngFormat = "png";

    /// <summary>The prompt of one object: points, a box, a mask to refine, at least one of them.</summary>
    /// <param name="Points">Foreground and background points.</param>
    /// <param name="Box">Left, top, right and bottom in pixels of the upright picture.</param>
    /// <param name="Mask">A mask of the picture's size to refine.</param>
    /// <param name="Multimask">
    /// Whether to return several candidate masks; by default only for a single point without box and mask.
    /// </param>
    /// <param name="MinRegion">
    /// Holes and islands smaller than this fraction of a mask are removed, 0 to 1; 0 by default.
    /// </param>
    /// <param name="Zoom">
    /// Whether to look closer: a part of the picture around the object is encoded too, for a better mask. False by default.
    /// </param>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    internal sealed record ObjectPrompt(
        IReadOnlyList<ClickedPoint>? Points = null,
        IReadOnlyList<double>? Box = null,
        Rle? Mask = null,
        bool? Multimask = null,
        [property: JsonPropertyName("min_region")] double? MinRegion = null,
        bool Zoom = false);

    /// <summary>A point, in pixels of the upright picture.</summary>
    /// <param name="X">From the left.</param>
    /// <param name="Y">From the top.</param>
    /// <param name="Label">1 for foreground, 0 for background.</param>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    internal sealed record ClickedPoint(double X, double Y, int Label = 1);
}

/// <summary>The response to a <see cref="PredictRequest"/>.</summary>
/// <param name="Objects">The masks of each object, in the order of the request.</param>
/// <param name="Milliseconds">Duration, with the wait for a turn, without receiving and sending.</param>
internal sealed record PredictResponse(IReadOnlyList<PredictResponse.ObjectMasks> Objects, double Milliseconds)
{
    /// <summary>The candidate masks of one prompt.</summary>
    /// <param name="Best">Index of the candidate with the highest predicted IoU.</param>
    /// <param name="Candidates">The masks.</param>
    internal sealed record ObjectMasks(int Best, IReadOnlyList<MaskDocument> Candidates);
}
