namespace PocketSam.Training.Evaluation.Detections;

/// <summary>Something that was found in a picture.</summary>
/// <param name="Image">The place of its picture.</param>
/// <param name="Category">The place of its category; -1 where that is not listed.</param>
/// <param name="Score">How sure the detector is.</param>
/// <param name="Box">Its box, where it has one of its own.</param>
/// <param name="Mask">Its mask, where it has one.</param>
/// <param name="Area">Decides its size range.</param>
internal sealed record Detection(int Image, int Category, double Score, DetectionBox? Box, Rle? Mask, double Area)
{
    /// <summary>Its own box, or that of its mask.</summary>
    public DetectionBox BoxOrBounds => Box ?? DetectionBox.From(Mask!.Bounds);

    /// <summary>Its own mask, or the pixels of its box, as pycocotools makes them.</summary>
    public Rle MaskOrBox(CocoImage image)
        => Mask ?? PocketSam.Masks.PolygonRasterizer.Encode([Box!.Value.ToPolygon()], image.Width, image.Height);
}
