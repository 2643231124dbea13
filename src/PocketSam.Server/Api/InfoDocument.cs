using System.Text.Json.Serialization;

namespace PocketSam.Server.Api;

/// <summary>What the service computes with and what it lets its clients ask for.</summary>
/// <param name="Model">The model's name: <c>default</c> or the name of its file.</param>
/// <param name="Fingerprint">Tells models whose embeddings differ apart.</param>
/// <param name="ImageSize">Side of the model's input, pixels.</param>
/// <param name="Limits">The limits of requests.</param>
/// <param name="Formats">What masks can be exported as.</param>
/// <param name="Version">The version of the service.</param>
/// <param name="Decoding">With what clients make masks of prompts themselves; null where they cannot.</param>
/// <param name="Text">Which words can be looked for; null where none can.</param>
internal sealed record InfoDocument(
    string Model,
    string Fingerprint,
    [property: JsonPropertyName("image_size")] int ImageSize,
    InfoDocument.RequestLimits Limits,
    IReadOnlyList<string> Formats,
    string Version,
    InfoDocument.DecodingOffer? Decoding = null,
    InfoDocument.Understanding? Text = null)
{
    /// <summary>With what clients make masks of prompts themselves.</summary>
    /// <param name="Decoder">Tells decoders apart: the entity tag of the graph, which each embedding names too.</param>
    /// <param name="EmbeddingShape">Of a picture's embedding: 1, channels, rows, columns.</param>
    /// <param name="SideMultiple">What the picture's sides in the input are multiples of.</param>
    /// <param name="FirstMask"><c>single</c> where a lone point is answered with the mask for unambiguous prompts first, else <c>multi</c>.</param>
    /// <param name="Runtime">Where the page has ONNX Runtime from, from the address of the service; null where it has none.</param>
    internal sealed record DecodingOffer(
        string Decoder,
        [property: JsonPropertyName("embedding_shape")] IReadOnlyList<int> EmbeddingShape,
        [property: JsonPropertyName("side_multiple")] int SideMultiple,
        [property: JsonPropertyName("first_mask")] string FirstMask,
        string? Runtime = null);

    /// <summary>Words can be looked for.</summary>
    /// <param name="Words">Those that are known; null where any are.</param>
    internal sealed record Understanding(IReadOnlyList<Word>? Words = null);

    /// <summary>A word that is known, and how well it was understood on pictures that it was not learned from.</summary>
    /// <param name="Name">The word.</param>
    /// <param name="Synonyms">Other words for the same.</param>
    /// <param name="Masks">Masks of it that it was learned from.</param>
    /// <param name="Pictures">Pictures with it that it was measured on; 0 where it was not.</param>
    /// <param name="Pointing">Share of these on which more than half of the first mask lay on what the word means.</param>
    /// <param name="Found">Share of these on which it was found at all.</param>
    /// <param name="MeanIou">Mean IoU of all masks that were found with all that are right.</param>
    internal sealed record Word(
        string Name, IReadOnlyList<string> Synonyms, int Masks, int Pictures, double Pointing, double Found,
        [property: JsonPropertyName("mean_iou")] double MeanIou);

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
