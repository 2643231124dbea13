using System.Text.Json.Serialization;

namespace PocketSam.Server.Api;

/// <summary>Which objects are meant.</summary>
/// <param name="Objects">A prompt for each.</param>
/// <param name="Format">How masks are wanted: <c>rle</c> or <c>png</c>.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PredictRequest(
    IReadOnlyList<PredictRequest.ObjectPrompt> Objects, string Format = PredictRequest.RleFormat)
{
    public const string RleFormat = "rle";
    public const string PngFormat = "png";

    /// <summary>One object: points, a box, a mask to start from, at least one of them.</summary>
    /// <param name="Points">Points on it and off it.</param>
    /// <param name="Box">Left, top, right, bottom.</param>
    /// <param name="Mask">A mask of the picture's size to start from.</param>
    /// <param name="Multimask">Whether several masks are wanted; by default for a single point and nothing else.</param>
    /// <param name="MinRegion">Holes and islands smaller than this share of a mask are removed, 0 to 1; by default none.</param>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    internal sealed record ObjectPrompt(
        IReadOnlyList<ClickedPoint>? Points = null,
        IReadOnlyList<double>? Box = null,
        Rle? Mask = null,
        bool? Multimask = null,
        [property: JsonPropertyName("min_region")] double? MinRegion = null);

    /// <summary>A point, in pixels of the upright picture.</summary>
    /// <param name="X">From the left.</param>
    /// <param name="Y">From the top.</param>
    /// <param name="Label">1 on the object, 0 off it.</param>
    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    internal sealed record ClickedPoint(double X, double Y, int Label = 1);
}

/// <summary>The answer to a <see cref="PredictRequest"/>.</summary>
/// <param name="Objects">An answer for each object, in their order.</param>
/// <param name="Milliseconds">Time that it took, waiting for a turn included, receiving and sending not.</param>
internal sealed record PredictResponse(IReadOnlyList<PredictResponse.ObjectMasks> Objects, double Milliseconds)
{
    /// <summary>The masks that may be meant by one prompt.</summary>
    /// <param name="Best">Place of the candidate of the highest predicted IoU.</param>
    /// <param name="Candidates">The masks.</param>
    internal sealed record ObjectMasks(int Best, IReadOnlyList<MaskDocument> Candidates);
}
