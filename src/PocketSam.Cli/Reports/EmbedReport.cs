using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>embed --json</c> writes.</summary>
/// <param name="Model">The model, with the input size of the embeddings.</param>
/// <param name="Fingerprint">Fingerprint of the encoder, as in the files.</param>
/// <param name="Dtype"><c>float32</c> or <c>float16</c>.</param>
/// <param name="Written">Number of pictures embedded in this run.</param>
/// <param name="Present">Number of pictures whose embeddings existed.</param>
/// <param name="Failed">Number of pictures that could not be read.</param>
/// <param name="Seconds">Duration in seconds.</param>
/// <param name="Images">The result of each picture.</param>
/// <param name="PassedOver">Number of files skipped, by reason.</param>
/// <param name="Cache">Folder of the cache, if one is written.</param>
/// <param name="Torn">A message for each file of the cache that cannot be read.</param>
internal sealed record EmbedReport(
    ModelReport Model, string Fingerprint, string Dtype, int Written, int Present, int Failed, double Seconds,
    IReadOnlyList<EmbeddedImage> Images, IReadOnlyDictionary<string, int> PassedOver, string? Cache = null, IReadOnlyList<string>? Torn = null);

/// <param name="Path">Path of the picture.</param>
/// <param name="Embedding">File of its embedding; null without a separate file.</param>
/// <param name="Status"><c>written</c>, <c>present</c> or <c>failed</c>.</param>
/// <param name="Error">Why it failed; null unless it did.</param>
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
