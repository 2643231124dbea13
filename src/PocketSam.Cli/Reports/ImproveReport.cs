using System.Text.Json.Serialization;

namespace PocketSam.Cli.Reports;

/// <summary>What <c>improve --json</c> writes.</summary>
/// <param name="Project">Path of the project.</param>
/// <param name="Model">The model to improve.</param>
/// <param name="Better">Whether the result is better and is kept.</param>
/// <param name="Output">File of the result; null if it is not kept.</param>
/// <param name="Accepted">Whether the project uses the result when it opens.</param>
/// <param name="Learned">Number of pictures for training.</param>
/// <param name="Objects">Number of objects measured.</param>
/// <param name="Before">Figures of the original model on held-out pictures.</param>
/// <param name="After">Figures of the result.</param>
/// <param name="Pictures">The held-out pictures.</param>
/// <param name="Seconds">Duration in seconds.</param>
internal sealed record ImproveReport(
    string Project, string Model, bool Better, string? Output, bool Accepted, int Learned, int Objects, ImproveFigures Before,
    ImproveFigures After, IReadOnlyList<ImprovedPictureReport> Pictures, double Seconds);

/// <param name="Box">Mean IoU of masks prompted by box.</param>
/// <param name="Click">Mean IoU of the first masks for one click.</param>
internal sealed record ImproveFigures(double Box, double Click);

/// <param name="Name">Name of the picture.</param>
/// <param name="Before">Mean IoU of its objects over box and click, with the original model.</param>
/// <param name="After">The same with the result.</param>
internal sealed record ImprovedPictureReport(string Name, double Before, double After);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(ImproveReport))]
internal sealed partial class ImproveJson : JsonSerializerContext;
