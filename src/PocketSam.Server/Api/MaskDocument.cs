using System.Text.Json.Serialization;

namespace PocketSam.Server.Api;

/// <summary>A mask.</summary>
/// <param name="Box">Left, top, right, bottom of the smallest box around it; all zeros for an empty mask.</param>
/// <param name="Area">Its pixels.</param>
/// <param name="PredictedIou">The model's own estimate of its IoU with the object.</param>
/// <param name="StabilityScore">How little it depends on where its logits are cut, 0 to 1.</param>
/// <param name="Rle">COCO's compressed run-length encoding, of the whole picture.</param>
/// <param name="Png">A PNG of the box's area as base64: opaque white inside the mask, transparent outside.</param>
internal sealed record MaskDocument(
    IReadOnlyList<int> Box,
    int Area,
    [property: JsonPropertyName("predicted_iou")] float PredictedIou,
    [property: JsonPropertyName("stability_score")] float StabilityScore,
    Rle? Rle = null,
    byte[]? Png = null);
