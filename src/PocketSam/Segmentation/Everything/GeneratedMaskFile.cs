using System.Text.Encodings.Web;
using System.Text.Json;
using PocketSam.Segmentation.Everything;

namespace PocketSam;

/// <summary>
/// JSON of a picture's masks in the form of SAM's automatic mask generator
/// (segment_anything/automatic_mask_generator.py), with compressed run-length encodings: <c>{"image": {path, width,
/// height}, "annotations": [{segmentation, area, bbox, predicted_iou, point_coords, stability_score, crop_box}]}</c>.
/// Boxes are left, top, width, height.
/// </summary>
public static class GeneratedMaskFile
{
    // Without HTML's escapes: run-length strings and names are full of
    // characters that JSON allows and the default encoder escapes.
    private static readonly GeneratedMaskJson Json = new(new JsonSerializerOptions(GeneratedMaskJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>Writes a file, completely or not at all.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="picture">The picture's path, written unchanged.</param>
    /// <param name="width">Pixels in a row of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="masks">The masks.</param>
    /// <exception cref="IOException">The file cannot be written; the message names it.</exception>
    public static void Write(string path, string picture, int width, int height, IReadOnlyList<GeneratedMask> masks)
        => AtomicFile.Write(path, stream => Write(stream, picture, width, height, masks));

    /// <summary>Writes to a stream.</summary>
    /// <param name="stream">Receives the JSON and stays open.</param>
    /// <param name="picture">The picture's path, written unchanged.</param>
    /// <param name="width">Pixels in a row of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="masks">The masks.</param>
    public static void Write(Stream stream, string picture, int width, int height, IReadOnlyList<GeneratedMask> masks)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentException.ThrowIfNullOrEmpty(picture);
        ArgumentNullException.ThrowIfNull(masks);
        var document = new GeneratedMaskDocument(
            new GeneratedMaskDocument.Photo(picture, width, height),
            masks.Select(mask => new GeneratedMaskDocument.FoundMask(
                mask.Segmentation,
                mask.Area,
                mask.Box.ToArray(),
                mask.PredictedIou,
                mask.PointCoords.Select(point => (double[])[point.X, point.Y]),
                mask.StabilityScore,
                mask.CropBox.ToArray())));
        JsonSerializer.Serialize(stream, document, Json.GeneratedMaskDocument);
    }
}
