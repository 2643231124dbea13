using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>embed --json</c> writes.</summary>
/// <param name="Model">The model; its input size is that of the embeddings.</param>
/// <param name="Fingerprint">The encoder's, as the files carry it.</param>
/// <param name="Dtype"><c>float32</c> or <c>float16</c>.</param>
/// <param name="Written">Pictures embedded now.</param>
/// <param name="Present">Pictures whose embeddings were there already.</param>
/// <param name="Failed">Pictures that could not be read.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Images">Each picture.</param>
/// <param name="PassedOver">Files of the folder that were not read, by reason.</param>
/// <param name="Cache">The folder of the cache, where one was written.</param>
/// <param name="Torn">A line for each file of the cache that cannot be read.</param>
internal sealed record EmbedReport(
    ModelReport Model, string Fingerprint, string Dtype, int Written, int Present, int Failed, double Seconds,
    IReadOnlyList<EmbeddedImage> Images, IReadOnlyDictionary<string, int> PassedOver, string? Cache = null, IReadOnlyList<string>? Torn = null);

/// <param name="Path">The picture.</param>
/// <param name="Embedding">The file of its embedding, if it has one of its own.</param>
/// <param name="Status">What was done.</param>
/// <param name="Error">Why it failed.</param>
internal sealed record EmbeddedImage(string Path, string? Embedding, string Status, string? Error = null)
{
    public const string Written = "written";
    public const string Present = "present";
    public const string Failed = "failed";
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(EmbedReport))]
internal sealed partial class EmbedJson : JsonSerializerContext;
