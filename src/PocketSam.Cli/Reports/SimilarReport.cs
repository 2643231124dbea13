using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>similar --json</c> writes.</summary>
/// <param name="Model">The model.</param>
/// <param name="Examples">The picture and the masks of the examples.</param>
/// <param name="Threshold">The least similarity.</param>
/// <param name="Count">Objects in all pictures, examples not counted.</param>
/// <param name="Images">What each picture has.</param>
internal sealed record SimilarReport(
    ModelReport Model, SimilarExamples Examples, double Threshold, int Count, IReadOnlyList<SimilarPicture> Images);

/// <param name="Image">The picture.</param>
/// <param name="Masks">The examples' masks.</param>
internal sealed record SimilarExamples(ImageReport Image, IReadOnlyList<MaskReport> Masks);

/// <param name="Image">The picture.</param>
/// <param name="Count">Objects in it.</param>
/// <param name="Masks">Their masks, the most alike first.</param>
internal sealed record SimilarPicture(ImageReport Image, int Count, IReadOnlyList<SimilarReportMask> Masks);

/// <param name="Similarity">How alike, 0 to 1.</param>
/// <param name="Mask">The mask.</param>
internal sealed record SimilarReportMask(float Similarity, MaskReport Mask);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(SimilarReport))]
internal sealed partial class SimilarJson : JsonSerializerContext;
