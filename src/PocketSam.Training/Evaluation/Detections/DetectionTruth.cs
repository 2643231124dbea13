using PocketSam.Masks.Coco;

namespace PocketSam.Training.Evaluation.Detections;

/// <summary>A category of objects.</summary>
/// <param name="Id">Its id in the file.</param>
/// <param name="Name">Its name; its id as text if it has none.</param>
/// <param name="Frequency">LVIS: <c>r</c>, <c>c</c> or <c>f</c> for rare, common, frequent; otherwise null.</param>
internal sealed record TruthCategory(long Id, string Name, string? Frequency);

/// <summary>A ground-truth object.</summary>
internal sealed class DetectionTruth
{
    private readonly CocoSegmentation? _segmentation;
    private readonly double? _area;
    private readonly DetectionBox? _box;
    private readonly CocoImage _image;
    private readonly string _path;
    private Rle? _mask;

    /// <param name="path">The file, for messages.</param>
    /// <param name="id">Its id in the file.</param>
    /// <param name="image">Its picture.</param>
    /// <param name="category">Index of its category; -1 if the category is not listed.</param>
    /// <param name="entry">The other values of the file.</param>
    public DetectionTruth(string path, long id, CocoImage image, int category, TruthFile.Annotation entry)
    {
        (_path, Id, _image, Category) = (path, id, image, category);
        IsCrowd = entry.IsCrowd == true;
        IsIgnored = entry.Ignore == true;
        _segmentation = entry.Segmentation;
        _area = entry.Area;
        _box = DetectionBox.From(entry.Bbox);
    }

    /// <summary>Its id in the file.</summary>
    public long Id { get; }

    /// <summary>Index of its category in the sorted list; -1 if it is not listed.</summary>
    public int Category { get; }

    /// <summary>COCO's <c>iscrowd</c>.</summary>
    public bool IsCrowd { get; }

    /// <summary>LVIS's <c>ignore</c>.</summary>
    public bool IsIgnored { get; }

    /// <summary>
    /// The area in the file, which decides the size range; the area of the mask if the file has none.
    /// </summary>
    public double Area => _area ?? Mask.Area;

    /// <summary>The box in the file; the bounding box of the mask if the file has none.</summary>
    public DetectionBox Box => _box ?? DetectionBox.From(Mask.Bounds);

    /// <summary>
    /// The mask, rasterized on first use. A polygon of fewer than three points has no pixels, as in pycocotools.
    /// </summary>
    /// <exception cref="DataFormatException">It is missing or cannot be read.</exception>
    public Rle Mask => _mask ??= SegmentationReader.Read(
        _segmentation, _image, reason => new DataFormatException(_path, $"annotation {Id} (image {_image.Id}): {reason}"));
}
