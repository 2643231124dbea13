using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>everything --json</c> writes about a folder.</summary>
/// <param name="Model">The model; its input size is the one that was used.</param>
/// <param name="Written">Pictures done now.</param>
/// <param name="Present">Pictures whose results were there already.</param>
/// <param name="Failed">Pictures that could not be read, or whose results would replace what was not written here.</param>
/// <param name="Masks">Masks found now.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Images">Each picture.</param>
/// <param name="PassedOver">Files of the folder that were not read, by reason.</param>
/// <param name="Merged">The one file of all pictures, where it was asked for.</param>
internal sealed record EverythingReport(
    ModelReport Model, int Written, int Present, int Failed, int Masks, double Seconds,
    IReadOnlyList<SegmentedImage> Images, IReadOnlyDictionary<string, int> PassedOver, string? Merged = null);

/// <param name="Path">The picture.</param>
/// <param name="Result">The file or folder of its masks, if there is one.</param>
/// <param name="Status">What was done.</param>
/// <param name="Masks">Masks found, where it was done now.</param>
/// <param name="Error">Why it failed.</param>
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
