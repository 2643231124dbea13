using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>segment --text --json</c> and <c>everything --text --json</c> write.</summary>
/// <param name="Image">The picture.</param>
/// <param name="Model">The model that generates the masks.</param>
/// <param name="TextModel">Name of the model that understands the text.</param>
/// <param name="Phrases">The phrases to find.</param>
/// <param name="Masks">The masks found, the most certain first; empty if there are none.</param>
internal sealed record TextReport(
    ImageReport Image, ModelReport Model, string TextModel, IReadOnlyList<string> Phrases, IReadOnlyList<GroundedReport> Masks)
{
    public static TextReport Of(
        string path, RgbImage image, Sam sam, int imageSize, ITextGrounder grounder, IReadOnlyList<string> phrases, IReadOnlyList<GroundedMask> found)
        => new(
            new ImageReport(path, image.Width, image.Height), ModelReport.Of(sam, imageSize), grounder.Name, phrases,
            [.. found.Select(GroundedReport.Of)]);
}

/// <param name="Phrase">The phrase that the mask matches.</param>
/// <param name="Score">Probability of the phrase, 0 to 1.</param>
/// <param name="Rival">The most probable alternative.</param>
/// <param name="PredictedIou">The mask model's estimate of the IoU.</param>
/// <param name="StabilityScore">IoU of the masks at two thresholds, 0 to 1.</param>
/// <param name="Area">Number of pixels.</param>
/// <param name="Bbox">Left, top, width and height in pixels.</param>
/// <param name="Segmentation">The run-length encoded mask.</param>
internal sealed record GroundedReport(
    string Phrase, float Score, string? Rival, float PredictedIou, float StabilityScore, int Area, int[] Bbox, Rle Segmentation)
{
    public static GroundedReport Of(GroundedMask found) => new(
        found.Phrase, found.Score, found.Rival, found.Mask.PredictedIou, found.Mask.StabilityScore, found.Mask.Area,
        [found.Mask.Box.X, found.Mask.Box.Y, found.Mask.Box.Width, found.Mask.Box.Height], found.Mask.Segmentation);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(TextReport))]
internal sealed partial class TextJson : JsonSerializerContext;
