using PocketSam.Masks.Coco;

namespace PocketSam.Training.Evaluation.Detections;

/// <summary>A category that objects are of.</summary>
/// <param name="Id">Its number in the file.</param>
/// <param name="Name">Its name, or its number where it has none.</param>
/// <param name="Frequency">LVIS: <c>r</c>, <c>c</c> or <c>f</c>, for rare, common, frequent; else null.</param>
internal sealed record TruthCategory(long Id, string Name, string? Frequency);

/// <summary>An object that is to be found.</summary>
internal sealed class DetectionTruth
{
    private readonly CocoSegmentation? _segmentation;
    private readonly double? _area;
    private readonly DetectionBox? _box;
    private readonly CocoImage _image;
    private readonly string _path;
    private Rle? _mask;

    /// <param name="path">The file, for messages.</param>
    /// <param name="id">Its number in the file.</param>
    /// <param name="image">Its picture.</param>
    /// <param name="category">The place of its category; -1 where that is not listed.</param>
    /// <param name="entry">What else the file says.</param>
    public DetectionTruth(string path, long id, CocoImage image, int category, TruthFile.Annotation entry)
    {
        (_path, Id, _image, Category) = (path, id, image, category);
        IsCrowd = entry.IsCrowd == true;
        IsIgnored = entry.Ignore == true;
        _segmentation = entry.Segmentation;
        _area = entry.Area;
        _box = DetectionBox.From(entry.Bbox);
    }

    /// <summary>Its number in the file.</summary>
    public long Id { get; }

    /// <summary>The place of its category among the sorted ones; -1 where it is not listed.</summary>
    public int Category { get; }

    /// <summary>COCO's <c>iscrowd</c>.</summary>
    public bool IsCrowd { get; }

    /// <summary>LVIS's <c>ignore</c>.</summary>
    public bool IsIgnored { get; }

    /// <summary>The area the file states, which decides the size range; that of the mask where it states none.</summary>
    public double Area => _area ?? Mask.Area;

    /// <summary>The box the file states; that of the mask where it states none.</summary>
    public DetectionBox Box => _box ?? DetectionBox.From(Mask.Bounds);

    /// <summary>The mask, drawn at the first use. A polygon of fewer than three points has no pixels, as in pycocotools.</summary>
    /// <exception cref="DataFormatException">There is none, or it cannot be read.</exception>
    public Rle Mask => _mask ??= SegmentationReader.Read(
        _segmentation, _image, reason => new DataFormatException(_path, $"annotation {Id} (image {_image.Id}): {reason}"));
}
