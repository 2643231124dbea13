using PocketSam.Masks.Coco;

namespace PocketSam.Training.Evaluation.Detections;

/// <summary>Reads masks of ground truth and results.</summary>
internal static class SegmentationReader
{
    /// <summary>The mask of an entry, at its picture's size.</summary>
    /// <param name="segmentation">The segmentation in the file.</param>
    /// <param name="image">The picture.</param>
    /// <param name="error">Creates the exception for a reason.</param>
    public static Rle Read(CocoSegmentation? segmentation, CocoImage image, Func<string, Exception> error)
    {
        if (segmentation is null)
            throw error("has no 'segmentation'");
        try
        {
            return CocoAnnotation.Create(0, isCrowd: false, label: null, segmentation, image.Width, image.Height).ToRle();
        }
        catch (FormatException) when (segmentation.Polygons is { } polygons && polygons.All(IsEmpty))
        {
            return Rle.FromCounts([image.Width * image.Height], image.Height, image.Width);
        }
        catch (FormatException exception)
        {
            throw error(exception.Message);
        }
    }

    /// <summary>Whether a polygon has fewer than three points; pycocotools rasterizes it as an empty mask.</summary>
    private static bool IsEmpty(double[] polygon) => polygon.Length % 2 == 0 && polygon.Length < 6;
}
