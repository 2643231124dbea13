using System.Text.Json.Serialization;

namespace PocketSam.Server.Api;

/// <summary>The service's model and limits.</summary>
/// <param name="Model">The model's name: <c>default</c> or the name of its file.</param>
/// <param name="Fingerprint">
/// Fingerprint of the weights: models with different fingerprints give different embeddings.
/// </param>
/// <param name="ImageSize">Side of the model's input in pixels.</param>
/// <param name="Limits">The limits of requests.</param>
/// <param name="Formats">Names of the export formats.</param>
/// <param name="Version">The version of the service.</param>
/// <param name="Decoding">What a client needs to decode masks itself; null if the service does not offer it.</param>
/// <param name="Text">Which phrases the service can find; null if none.</param>
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
    /// <summary>What a client needs to decode masks itself.</summary>
    /// <param name="Decoder">Entity tag of the decoder's graph, which each embedding names too.</param>
    /// <param name="EmbeddingShape">Shape of a picture's embedding: 1, channels, rows, columns.</param>
    /// <param name="SideMultiple">
    /// The sides of a picture in the model's input are multiples of this many pixels.
    /// </param>
    /// <param name="FirstMask">
    /// <c>single</c> if the model puts the mask for unambiguous prompts first for a single point, else <c>multi</c>.
    /// </param>
    /// <param name="Runtime">
    /// Path of ONNX Runtime for the page, relative to the service; null if the build has none.
    /// </param>
    internal sealed record DecodingOffer(
        string Decoder,
        [property: JsonPropertyName("embedding_shape")] IReadOnlyList<int> EmbeddingShape,
        [property: JsonPropertyName("side_multiple")] int SideMultiple,
        [property: JsonPropertyName("first_mask")] string FirstMask,
        string? Runtime = null);

    /// <summary>The service can find phrases.</summary>
    /// <param name="Words">The known words; null if any text is allowed.</param>
    internal sealed record Understanding(IReadOnlyList<Word>? Words = null);

    /// <summary>A known word, with its measured quality on pictures outside of the training set.</summary>
    /// <param name="Name">The word.</param>
    /// <param name="Synonyms">Other words for the same.</param>
    /// <param name="Masks">Number of training masks.</param>
    /// <param name="Pictures">Number of test pictures that show it; 0 if it has not been measured.</param>
    /// <param name="Pointing">
    /// Fraction of these in which more than half of the first mask lies on the right object, 0 to 1.
    /// </param>
    /// <param name="Found">Fraction of these in which the word is found at all, 0 to 1.</param>
    /// <param name="MeanIou">Mean IoU of the union of found masks with the union of right ones, 0 to 1.</param>
    internal sealed record Word(
        string Name, IReadOnlyList<string> Synonyms, int Masks, int Pictures, double Pointing, double Found,
        [property: JsonPropertyName("mean_iou")] double MeanIou);

    /// <summary>The limits of requests.</summary>
    /// <param name="MaxBytes">Largest upload in bytes.</param>
    /// <param name="MaxPixels">Largest number of pixels of a picture.</param>
    /// <param name="MaxPrompts">Largest number of points and boxes of one object.</param>
    /// <param name="MaxObjects">Largest number of objects in one prediction.</param>
    /// <param name="MaxExportObjects">Largest number of objects in one export.</param>
    /// <param name="MaxObjectPixels">
    /// Largest product of the number of objects in one prediction and the pixels of the picture.
    /// </param>
    /// <param name="MaxPointsPerSide">Largest number of points along a side of the grid when finding all masks.</param>
    /// <param name="MaxExportCorners">Largest number of corners of the exact outlines in one export.</param>
    /// <param name="MaxExportPixels">Largest total of pixels of the pictures in one export.</param>
    /// <param name="MaxExportPhotoPixels">Largest total of photo pixels in one export.</param>
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
