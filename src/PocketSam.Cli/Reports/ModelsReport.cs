using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>models --json</c> writes.</summary>
/// <param name="Models">All that can be had by name.</param>
internal sealed record ModelsReport(IReadOnlyList<NamedModelReport> Models);

/// <param name="Name">What <c>--model</c> takes, or of a backbone <c>--init-encoder</c>.</param>
/// <param name="Title">What it is.</param>
/// <param name="Path">Its file here; null where it is not here, or part of the program.</param>
/// <param name="IsHere">Whether it can be used now.</param>
/// <param name="IsBackbone">Whether it only begins a training.</param>
/// <param name="Megabytes">Size of the file to be had, roughly.</param>
/// <param name="Licence">As SPDX names it.</param>
/// <param name="ImageSize">Longest side of the input.</param>
/// <param name="Source">The publisher's page; null for our own.</param>
/// <param name="Address">The publisher's file.</param>
internal sealed record NamedModelReport(
    string Name, string Title, string? Path, bool IsHere, bool IsBackbone, int Megabytes, string Licence, int ImageSize,
    Uri? Source = null, Uri? Address = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(ModelsReport))]
internal sealed partial class ModelsJson : JsonSerializerContext;
