using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>everything --json</c> writes about a folder.</summary>
/// <param name="Model">The model, with the input size used.</param>
/// <param name="Written">Number of pictures done in this run.</param>
/// <param name="Present">Number of pictures whose results existed.</param>
/// <param name="Failed">Number of pictures that could not be read, or whose results would replace other files.</param>
/// <param name="Masks">Number of masks found in this run.</param>
/// <param name="Seconds">Duration in seconds.</param>
/// <param name="Images">The result of each picture.</param>
/// <param name="PassedOver">Number of files skipped, by reason.</param>
/// <param name="Merged">The merged file of all pictures, if requested.</param>
internal sealed record EverythingReport(
    ModelReport Model, int Written, int Present, int Failed, int Masks, double Seconds,
    IReadOnlyList<SegmentedImage> Images, IReadOnlyDictionary<string, int> PassedOver, string? Merged = null);

/// <param name="Path">Path of the picture.</param>
/// <param name="Result">File or folder of its masks; null if there is none.</param>
/// <param name="Status"><c>written</c>, <c>present</c> or <c>failed</c>.</param>
/// <param name="Masks">Number of masks found in this run; null if it did not run on the picture.</param>
/// <param name="Error">Why it failed; null unless it did.</param>
internal sealed record SegmentedImage(string Path, string? Result, string Status, int? Masks = null, string? Error = null)
{
    public const string Written = "written";
    public const string Present = "present";
    public const string Failed = "failed";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(EverythingReport))]
internal sealed partial class EverythingJson : JsonSerializerContext;
