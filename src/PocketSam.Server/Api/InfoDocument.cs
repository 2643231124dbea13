using System.Text.Json.Serialization;

namespace PocketSam.Server.Api;

/// <summary>What the service computes with and what it lets its clients ask for.</summary>
/// <param name="Model">The model's name: <c>default</c> or the name of its file.</param>
/// <param name="Fingerprint">Tells models whose embeddings differ apart.</param>
/// <param name="ImageSize">Side of the model's input, pixels.</param>
/// <param name="Limits">The limits of requests.</param>
/// <param name="Formats">What masks can be exported as.</param>
/// <param name="Version">The version of the service.</param>
internal sealed record InfoDocument(
    string Model,
    string Fingerprint,
    [property: JsonPropertyName("image_size")] int ImageSize,
    InfoDocument.RequestLimits Limits,
    IReadOnlyList<string> Formats,
    string Version)
{
    /// <summary>The limits of requests.</summary>
    /// <param name="MaxBytes">Largest file that may be uploaded.</param>
    /// <param name="MaxPixels">Most pixels of a picture.</param>
    /// <param name="MaxPrompts">Most points and boxes of one object.</param>
    /// <param name="MaxObjects">Most objects of one prediction.</param>
    /// <param name="MaxExportObjects">Most objects of one export.</param>
    /// <param name="MaxObjectPixels">Most objects of one prediction times pixels of their picture.</param>
    /// <param name="MaxPointsPerSide">Most points along a side of the grid of a search for all masks.</param>
    /// <param name="MaxExportCorners">Most corners of the exact outlines of one export.</param>
    /// <param name="MaxExportPixels">Most pixels of the pictures of one export.</param>
    /// <param name="MaxExportPhotoPixels">Most pixels of the photo in one export.</param>
    internal sealed record RequestLimits(
        [property: JsonPropertyName("max_bytes")] int MaxBytes,
        [property: JsonPropertyName("max_pixels")] int MaxPixels,
        [property: JsonPropertyName("max_prompts")] int MaxPrompts,
        [property: JsonPropertyName("max_objects")] int MaxObjects,
        [property: JsonPropertyName("max_export_objects")] int MaxExportObjects,
        [property: JsonPropertyName("max_object_pixels")] long MaxObjectPixels,
        [property: JsonPropertyName("max_points_per_side")] int MaxPointsPerSide,
        [property: JsonPropertyName("max_export_corners")] long MaxExportCorners,
        [property: JsonPropertyName("max_export_pixels")] long MaxExportPixels,
        [property: JsonPropertyName("max_export_photo_pixels")] long MaxExportPhotoPixels);
}
