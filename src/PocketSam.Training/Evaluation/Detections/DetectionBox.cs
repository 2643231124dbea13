namespace PocketSam.Training.Evaluation.Detections;

/// <summary>A box in COCO's format, in pixels, with fractions.</summary>
/// <param name="X">Left edge.</param>
/// <param name="Y">Upper edge.</param>
/// <param name="Width">Width.</param>
/// <param name="Height">Height.</param>
internal readonly record struct DetectionBox(double X, double Y, double Width, double Height)
{
    /// <summary>Width times height.</summary>
    public double Area => Width * Height;

    /// <summary>Converts the four numbers of a file; null if they are not a box.</summary>
    public static DetectionBox? From(double[]? values)
        => values is [double x, double y, double width, double height] && values.All(double.IsFinite)
            ? new DetectionBox(x, y, width, height) : null;

    /// <summary>Converts a box of whole pixels.</summary>
    public static DetectionBox From(PixelBox box) => new(box.X, box.Y, box.Width, box.Height);

    /// <summary>Its corners as a polygon, [x, y] four times, in COCO's order.</summary>
    public double[] ToPolygon() => [X, Y, X, Y + Height, X + Width, Y + Height, X + Width, Y];

    /// <summary>
    /// IoU, 0 to 1; for a crowd, the intersection divided by the area of the detection (pycocotools, <c>bbIou</c>).
    /// </summary>
    public static double Iou(DetectionBox detection, DetectionBox truth, bool crowd)
    {
        double width = Math.Min(detection.X + detection.Width, truth.X + truth.Width) - Math.Max(detection.X, truth.X);
        double height = Math.Min(detection.Y + detection.Height, truth.Y + truth.Height) - Math.Max(detection.Y, truth.Y);
        if (width <= 0 || height <= 0)
            return 0;
        double shared = width * height;
        return shared / (crowd ? detection.Area : detection.Area + truth.Area - shared);
    }
}
