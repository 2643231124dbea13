using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>improve --json</c> writes.</summary>
/// <param name="Project">The project.</param>
/// <param name="Model">The model that was improved.</param>
/// <param name="Better">Whether the result is better, and was kept.</param>
/// <param name="Output">The result's file; null where it was not kept.</param>
/// <param name="Accepted">Whether the project opens with it.</param>
/// <param name="Learned">Pictures that were learned from.</param>
/// <param name="Objects">Objects that were measured.</param>
/// <param name="Before">Of the model before, on pictures that were kept back.</param>
/// <param name="After">Of the result.</param>
/// <param name="Pictures">The pictures that were kept back.</param>
/// <param name="Seconds">Seconds that it took.</param>
internal sealed record ImproveReport(
    string Project, string Model, bool Better, string? Output, bool Accepted, int Learned, int Objects, ImproveFigures Before,
    ImproveFigures After, IReadOnlyList<ImprovedPictureReport> Pictures, double Seconds);

/// <param name="Box">Mean IoU of the masks that boxes give.</param>
/// <param name="Click">Mean IoU of the masks that are shown first for a click.</param>
internal sealed record ImproveFigures(double Box, double Click);

/// <param name="Name">The picture.</param>
/// <param name="Before">Mean IoU of its objects before, by box and by click.</param>
/// <param name="After">The same of the result.</param>
internal sealed record ImprovedPictureReport(string Name, double Before, double After);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(ImproveReport))]
internal sealed partial class ImproveJson : JsonSerializerContext;
