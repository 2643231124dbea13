using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>export --json</c> writes.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Layout">Layout of the files.</param>
/// <param name="Dtype">Element type of the stored weights.</param>
/// <param name="ImageSize">Side of the input in pixels.</param>
/// <param name="Files">The written files.</param>
/// <param name="Verification">Comparison with the model; null if ONNX Runtime is not available.</param>
internal sealed record ExportReport(
    string Model, string Layout, string Dtype, int ImageSize, IReadOnlyList<WrittenFile> Files, VerificationReport? Verification);

/// <summary>A written file.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Bytes">Its length in bytes.</param>
internal sealed record WrittenFile(string Path, long Bytes);

/// <summary>What <c>verify --json</c> writes.</summary>
/// <param name="Encoder">Path of the image encoder.</param>
/// <param name="Decoder">Path of the mask decoder.</param>
/// <param name="Pictures">Number of pictures compared.</param>
/// <param name="Masks">Number of masks compared.</param>
/// <param name="EmbeddingDifference">Largest difference of an embedding, relative to its largest magnitude.</param>
/// <param name="LogitDifference">
/// Largest difference of a logit, relative to the largest magnitude (at least 1) of its mask.
/// </param>
/// <param name="IouDifference">Largest difference of a predicted IoU.</param>
/// <param name="LeastMaskIou">Least IoU of a mask with its counterpart.</param>
/// <param name="Passes">Whether the differences are within the required limits.</param>
/// <param name="EncodeMs">Median milliseconds to encode a picture, by the library and by ONNX Runtime.</param>
/// <param name="DecodeMs">Median milliseconds of a prompt, by the library and by ONNX Runtime.</param>
internal sealed record VerificationReport(
    string Encoder, string Decoder, int Pictures, int Masks, double EmbeddingDifference, double LogitDifference, double IouDifference,
    double LeastMaskIou, bool Passes, BeforeAndAfter EncodeMs, BeforeAndAfter DecodeMs);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(ExportReport))]
[JsonSerializable(typeof(VerificationReport))]
internal sealed partial class ExportJson : JsonSerializerContext;
