using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>convert-data --json</c> writes.</summary>
/// <param name="From">The format that was read.</param>
/// <param name="Output">The file or folder that was written.</param>
/// <param name="Pictures">Number of pictures of the set.</param>
/// <param name="Missing">Number of pictures whose file is not found.</param>
/// <param name="Masks">Number of masks written.</param>
/// <param name="LeftOut">Number of shapes, lines and pictures that are left out.</param>
/// <param name="Classes">Names of the classes, in the order of their numbers.</param>
internal sealed record ConvertDataReport(
    string From, string Output, int Pictures, int Missing, int Masks, int LeftOut, IReadOnlyList<string> Classes);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ConvertDataReport))]
internal sealed partial class ConvertDataJson : JsonSerializerContext;
