using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>similar --json</c> writes.</summary>
/// <param name="Model">The model.</param>
/// <param name="Examples">The picture and masks of the examples.</param>
/// <param name="Threshold">Least similarity, 0 to 1.</param>
/// <param name="Count">Number of objects in all pictures, without the examples.</param>
/// <param name="Images">The result of each picture.</param>
internal sealed record SimilarReport(
    ModelReport Model, SimilarExamples Examples, double Threshold, int Count, IReadOnlyList<SimilarPicture> Images);

/// <param name="Image">The picture.</param>
/// <param name="Masks">The examples' masks.</param>
internal sealed record SimilarExamples(ImageReport Image, IReadOnlyList<MaskReport> Masks);

/// <param name="Image">The picture.</param>
/// <param name="Count">Number of its objects.</param>
/// <param name="Masks">The objects' masks, the most similar first.</param>
internal sealed record SimilarPicture(ImageReport Image, int Count, IReadOnlyList<SimilarReportMask> Masks);

/// <param name="Similarity">Similarity to the examples, 0 to 1.</param>
/// <param name="Mask">The mask.</param>
internal sealed record SimilarReportMask(float Similarity, MaskReport Mask);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(SimilarReport))]
internal sealed partial class SimilarJson : JsonSerializerContext;
