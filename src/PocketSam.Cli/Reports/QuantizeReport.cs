using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>quantize --json</c> writes.</summary>
/// <param name="Input">The file that was read.</param>
/// <param name="Output">The file that was written.</param>
/// <param name="Method">How its scales were found.</param>
/// <param name="BytesRead">Bytes of the one.</param>
/// <param name="BytesWritten">Bytes of the other.</param>
/// <param name="IntegerLayers">Layers whose products are computed with whole numbers.</param>
/// <param name="FloatLayers">Layers that could be and are not.</param>
/// <param name="Instructions">How this machine multiplies whole numbers.</param>
/// <param name="EncodeMs">Milliseconds to encode a picture of the model's input size, before and after, medians in turn.</param>
/// <param name="Quality">What it costs, on the data that was given; null without.</param>
internal sealed record QuantizeReport(
    string Input, string Output, string Method, long BytesRead, long BytesWritten, int IntegerLayers,
    IReadOnlyList<string> FloatLayers, string Instructions, BeforeAndAfter EncodeMs, QuantizedQuality? Quality);

/// <summary>The same figure of two models.</summary>
/// <param name="Before">Of the model that was read.</param>
/// <param name="After">Of the one that was written.</param>
internal sealed record BeforeAndAfter(double Before, double After);

/// <summary>What quantisation costs on a data set.</summary>
/// <param name="Data">The data set.</param>
/// <param name="Masks">How many masks were measured.</param>
/// <param name="Box">Mean IoU with marked masks, asked for by box.</param>
/// <param name="Click">The same by one click.</param>
/// <param name="BoxAgreement">Mean IoU between the two models' masks, asked for by box.</param>
/// <param name="ClickAgreement">The same by one click.</param>
internal sealed record QuantizedQuality(
    string Data, int Masks, BeforeAndAfter Box, BeforeAndAfter Click, double? BoxAgreement, double? ClickAgreement);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(QuantizeReport))]
internal sealed partial class QuantizeJson : JsonSerializerContext;
