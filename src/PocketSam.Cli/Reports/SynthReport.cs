using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>synth --json</c> writes.</summary>
internal sealed record SynthReport(string Data, int Images, int Masks, ulong Seed, double Seconds);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(SynthReport))]
internal sealed partial class SynthJson : JsonSerializerContext;
