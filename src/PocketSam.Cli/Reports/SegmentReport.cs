using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>segment --json</c> writes; masks are in the model's order.</summary>
internal sealed record SegmentReport(
    ImageReport Image, ModelReport Model, IReadOnlyList<ObjectReport> Objects, SegmentTimings TimingsMs);

internal sealed record ImageReport(string Path, int Width, int Height);

internal sealed record ModelReport(string Name, string Architecture, long Parameters, int ImageSize)
{
    public static ModelReport Of(Sam sam, int imageSize) => new(sam.Name, sam.Config.Name, sam.Parameters, imageSize);

    public static ModelReport Of(FastSam fast, int imageSize) => new(fast.Name, fast.Architecture, fast.Parameters, imageSize);
}

/// <param name="Prompt">The prompt.</param>
/// <param name="Best">Index of the mask to show first; -1 if nothing was found.</param>
/// <param name="Masks">All masks, in the model's order.</param>
internal sealed record ObjectReport(PromptReport Prompt, int Best, IReadOnlyList<MaskReport> Masks);

internal sealed record PromptReport(IReadOnlyList<PointReport> Points, double[]? Box, string? Mask);

/// <param name="X">Pixels from the left.</param>
/// <param name="Y">Pixels from the top.</param>
/// <param name="Label">1 for foreground, 0 for background.</param>
internal sealed record PointReport(double X, double Y, int Label);

internal sealed record MaskReport(
    float PredictedIou, float StabilityScore, int Area, int[] Bbox, Rle Segmentation)
{
    public static MaskReport Of(Mask mask) => new(
        mask.PredictedIou, mask.StabilityScore, mask.Area, [mask.Box.X, mask.Box.Y, mask.Box.Width, mask.Box.Height],
        mask.ToRle());

    public static MaskReport Of(GeneratedMask mask)
        => new(mask.PredictedIou, mask.StabilityScore, mask.Area, [mask.Box.X, mask.Box.Y, mask.Box.Width, mask.Box.Height], mask.Segmentation);
}

/// <summary>Durations in milliseconds.</summary>
internal sealed record SegmentTimings(double Load, double DecodeImage, double Encode, double Decode);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(SegmentReport))]
internal sealed partial class SegmentJson : JsonSerializerContext;
