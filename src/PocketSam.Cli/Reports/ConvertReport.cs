using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>convert --json</c> writes.</summary>
/// <param name="Input">The file that was read.</param>
/// <param name="Output">The file that was written.</param>
/// <param name="Architecture">The architecture; null if it is not recognised.</param>
/// <param name="InputFormat">Format of the input.</param>
/// <param name="OutputFormat">Format of the output.</param>
/// <param name="Tensors">Number of tensors.</param>
/// <param name="Converted">Number of tensors whose element type is changed.</param>
/// <param name="BytesRead">Bytes of all tensors of the input.</param>
/// <param name="BytesWritten">Bytes of all tensors of the output.</param>
internal sealed record ConvertReport(
    string Input, string Output, string? Architecture, string InputFormat, string OutputFormat, int Tensors, int Converted,
    long BytesRead, long BytesWritten);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ConvertReport))]
internal sealed partial class ConvertJson : JsonSerializerContext;
