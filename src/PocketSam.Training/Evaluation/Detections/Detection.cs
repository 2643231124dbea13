namespace PocketSam.Training.Evaluation.Detections;

/// <summary>A detection: a box or mask with a score.</summary>
/// <param name="Image">Index of its picture.</param>
/// <param name="Category">Index of its category; -1 if the category is not listed.</param>
/// <param name="Score">The detector's confidence.</param>
/// <param name="Box">Its box; null if it has none of its own.</param>
/// <param name="Mask">Its mask; null if it has none.</param>
/// <param name="Area">The area that decides its size range, in pixels.</param>
internal sealed record Detection(int Image, int Category, double Score, DetectionBox? Box, Rle? Mask, double Area)
{
    /// <summary>Its box, or the bounding box of its mask.</summary>
    public DetectionBox BoxOrBounds => Box ?? DetectionBox.From(Mask!.Bounds);

    /// <summary>Its mask, or the pixels of its box as pycocotools rasterizes them.</summary>
    public Rle MaskOrBox(CocoImage image)
        => Mask ?? PocketSam.Masks.PolygonRasterizer.Encode([Box!.Value.ToPolygon()], image.Width, image.Height);
}
