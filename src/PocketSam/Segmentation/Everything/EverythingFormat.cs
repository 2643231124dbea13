using System.Text.Json;
using PocketSam.Segmentation.Everything;

namespace PocketSam;

/// <summary>
/// The masks as SAM's automatic mask generator lists them (segment_anything/automatic_mask_generator.py), with
/// compressed run-length encodings: <c>{"image": {path, width, height}, "annotations": [{segmentation, area, bbox,
/// predicted_iou, point_coords, stability_score, crop_box}]}</c>. Boxes are left, top, width, height.
/// </summary>
public sealed class EverythingFormat : MaskFileFormat
{
    /// <inheritdoc/>
    public override string Extension => ".json";

    /// <inheritdoc/>
    public override bool LinksPicture => false;

    /// <inheritdoc/>
    public override void Write(Stream stream, AnnotatedPicture picture)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(picture);
        var document = new EverythingDocument(
            new EverythingDocument.Photo(picture.Path, picture.Width, picture.Height),
            picture.Masks.Select(mask => new EverythingDocument.FoundMask(
                mask.Segmentation,
                mask.Area,
                mask.Box.ToArray(),
                mask.PredictedIou,
                mask.PointCoords.Select(point => (double[])[point.X, point.Y]),
                mask.StabilityScore,
                mask.CropBox.ToArray())));
        JsonSerializer.Serialize(stream, document, Json.EverythingDocument);
    }
}
