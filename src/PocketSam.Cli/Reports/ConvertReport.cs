using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>convert --json</c> writes.</summary>
/// <param name="Input">The file that was read.</param>
/// <param name="Output">The file that was written.</param>
/// <param name="Architecture">Null where it is not recognised.</param>
/// <param name="InputFormat">How the one is written down.</param>
/// <param name="OutputFormat">How the other is.</param>
/// <param name="Tensors">Tensors in both.</param>
/// <param name="Converted">Those whose type is another now.</param>
/// <param name="BytesRead">Bytes of all tensors.</param>
/// <param name="BytesWritten">The same afterwards.</param>
internal sealed record ConvertReport(
    string Input, string Output, string? Architecture, string InputFormat, string OutputFormat, int Tensors, int Converted,
    long BytesRead, long BytesWritten);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ConvertReport))]
internal sealed partial class ConvertJson : JsonSerializerContext;
