using System.Text.Json.Serialization;
using PocketSam.Training.Words;

namespace PocketSam.Cli.Reports;

/// <summary>JSON of a training or evaluation of words.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(WordReport))]
internal sealed partial class WordsJson : JsonSerializerContext;
