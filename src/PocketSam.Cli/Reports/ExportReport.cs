using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>export --json</c> writes.</summary>
/// <param name="Model">The model.</param>
/// <param name="Layout">Whose names and shapes the files have.</param>
/// <param name="Dtype">How weights are stored.</param>
/// <param name="ImageSize">Side of the input.</param>
/// <param name="Files">What was written.</param>
/// <param name="Verification">How far the files are from the model; null where nothing could run them.</param>
internal sealed record ExportReport(
    string Model, string Layout, string Dtype, int ImageSize, IReadOnlyList<WrittenFile> Files, VerificationReport? Verification);

/// <summary>A file that was written.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Bytes">How large it is.</param>
internal sealed record WrittenFile(string Path, long Bytes);

/// <summary>What <c>verify --json</c> writes.</summary>
/// <param name="Encoder">File of the image encoder.</param>
/// <param name="Decoder">File of the mask decoder.</param>
/// <param name="Pictures">Pictures that were looked at.</param>
/// <param name="Masks">Masks that were compared.</param>
/// <param name="EmbeddingDifference">Largest difference of an embedding over its largest value.</param>
/// <param name="LogitDifference">Largest difference of a logit, over the largest where that is above 1.</param>
/// <param name="IouDifference">Largest difference of a predicted IoU.</param>
/// <param name="LeastMaskIou">Least IoU of a mask with its counterpart.</param>
/// <param name="Passes">Whether that is what was asked for.</param>
/// <param name="EncodeMs">Milliseconds to encode a picture, here and in ONNX Runtime.</param>
/// <param name="DecodeMs">The same of a prompt.</param>
internal sealed record VerificationReport(
    string Encoder, string Decoder, int Pictures, int Masks, double EmbeddingDifference, double LogitDifference, double IouDifference,
    double LeastMaskIou, bool Passes, BeforeAndAfter EncodeMs, BeforeAndAfter DecodeMs);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(ExportReport))]
[JsonSerializable(typeof(VerificationReport))]
internal sealed partial class ExportJson : JsonSerializerContext;
