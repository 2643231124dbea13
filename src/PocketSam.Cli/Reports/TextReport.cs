using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>segment --text --json</c> and <c>everything --text --json</c> write.</summary>
/// <param name="Image">The picture.</param>
/// <param name="Model">What finds the masks.</param>
/// <param name="TextModel">What understands the words.</param>
/// <param name="Phrases">What was looked for.</param>
/// <param name="Masks">What was found, the surest first; empty where nothing was.</param>
internal sealed record TextReport(
    ImageReport Image, ModelReport Model, string TextModel, IReadOnlyList<string> Phrases, IReadOnlyList<GroundedReport> Masks)
{
    public static TextReport Of(
        string path, RgbImage image, Sam sam, int imageSize, ITextGrounder grounder, IReadOnlyList<string> phrases, IReadOnlyList<GroundedMask> found)
        => new(
            new ImageReport(path, image.Width, image.Height), ModelReport.Of(sam, imageSize), grounder.Name, phrases,
            [.. found.Select(GroundedReport.Of)]);
}

/// <param name="Phrase">What it shows.</param>
/// <param name="Score">How sure that is, 0 to 1.</param>
/// <param name="Rival">What else it might be.</param>
/// <param name="PredictedIou">The mask model's own estimate.</param>
/// <param name="StabilityScore">IoU of the masks at two thresholds.</param>
/// <param name="Area">Pixels.</param>
/// <param name="Bbox">Left, top, width, height.</param>
/// <param name="Segmentation">The pixels.</param>
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
