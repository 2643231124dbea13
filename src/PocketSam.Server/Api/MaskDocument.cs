using System.Text.Json.Serialization;

namespace PocketSam.Server.Api;

/// <summary>A mask.</summary>
/// <param name="Box">
/// Left, top, right and bottom of the smallest box around it in pixels, right and bottom exclusive; all zeros for an
/// empty mask.
/// </param>
/// <param name="Area">Number of its pixels.</param>
/// <param name="PredictedIou">The model's estimate of its IoU with the object.</param>
/// <param name="StabilityScore">How little it changes with the threshold of its logits, 0 to 1.</param>
/// <param name="Rle">COCO's compressed run-length encoding, of the picture's size.</param>
/// <param name="Png">A base64 PNG of the box: opaque white inside the mask, transparent outside.</param>
internal sealed record MaskDocument(
    IReadOnlyList<int> Box,
    int Area,
    [property: JsonPropertyName("predicted_iou")] float PredictedIou,
    [property: JsonPropertyName("stability_score")] float StabilityScore,
    Rle? Rle = null,
    byte[]? Png = null);
