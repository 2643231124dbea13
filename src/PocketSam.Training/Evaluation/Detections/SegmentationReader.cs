using PocketSam.Masks.Coco;

namespace PocketSam.Training.Evaluation.Detections;

/// <summary>Masks of truths and results.</summary>
internal static class SegmentationReader
{
    /// <summary>The mask of an entry, of its picture's size.</summary>
    /// <param name="segmentation">What the file holds.</param>
    /// <param name="image">The picture.</param>
    /// <param name="error">Makes the exception of a reason.</param>
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

    /// <summary>Whether a polygon is a line or a point, which pycocotools draws as nothing.</summary>
    private static bool IsEmpty(double[] polygon) => polygon.Length % 2 == 0 && polygon.Length < 6;
}
