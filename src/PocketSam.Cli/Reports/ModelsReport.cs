using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>models --json</c> writes.</summary>
/// <param name="Models">All models that are available by name.</param>
internal sealed record ModelsReport(IReadOnlyList<NamedModelReport> Models);

/// <param name="Name">Its name for <c>--model</c>, or for <c>--init-encoder</c> if it is a backbone.</param>
/// <param name="Title">A short description.</param>
/// <param name="Path">Its local file; null if it is not pulled, or is part of the program.</param>
/// <param name="IsHere">Whether it can be used without pulling it.</param>
/// <param name="IsBackbone">Whether it is a backbone, only for starting a training.</param>
/// <param name="Megabytes">Approximate size of the file in megabytes.</param>
/// <param name="Licence">SPDX identifier of its licence.</param>
/// <param name="ImageSize">Side of the input in pixels.</param>
/// <param name="Source">The publisher's page; null for PocketSam's own models.</param>
/// <param name="Address">Address of the publisher's file.</param>
internal sealed record NamedModelReport(
    string Name, string Title, string? Path, bool IsHere, bool IsBackbone, int Megabytes, string Licence, int ImageSize,
    Uri? Source = null, Uri? Address = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(ModelsReport))]
internal sealed partial class ModelsJson : JsonSerializerContext;
