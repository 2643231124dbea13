using PocketSam.Masks;
using PocketSam.Masks.Coco;

namespace PocketSam;

/// <summary>An annotated object; its segmentation is decoded on request.</summary>
public sealed class CocoAnnotation
{
    private readonly IReadOnlyList<double[]>? _polygons;
    private readonly Rle? _rle;
    private readonly int _width;
    private readonly int _height;

    private CocoAnnotation(
        long id, bool isCrowd, string? label, int width, int height, IReadOnlyList<double[]>? polygons, Rle? rle)
    {
        Label = label;
        Id = id;
        IsCrowd = isCrowd;
        _width = width;
        _height = height;
        _polygons = polygons;
        _rle = rle;
    }

    /// <summary>The annotation's id in its file; its position in the list, from 1, if the id is no number.</summary>
    public long Id { get; }

    /// <summary>The name of its category, or the category's id if it has no name; null without a category.</summary>
    public string? Label { get; }

    /// <summary>Whether it marks a group of objects as one region (COCO's <c>iscrowd</c>).</summary>
    public bool IsCrowd { get; }

    /// <summary>Decodes the mask, of the size that the file states for the picture; not cached.</summary>
    public BinaryMask Decode() => _rle?.ToMask() ?? PolygonRasterizer.Rasterize(_polygons!, _width, _height);

    /// <summary>The mask as run lengths, as stored or from its polygons.</summary>
    internal Rle ToRle() => _rle ?? PolygonRasterizer.Encode(_polygons!, _width, _height);

    /// <summary>Checks an annotation of a file against its picture.</summary>
    /// <exception cref="FormatException">The segmentation is missing, has
    /// no valid polygon, or has another size than the picture.</exception>
    internal static CocoAnnotation Create(
        long id, bool isCrowd, string? label, CocoSegmentation segmentation, int width, int height)
    {
        if (segmentation.Problem is { } problem)
            throw new FormatException(problem);
        if (segmentation.Polygons is { } polygons)
        {
            return new CocoAnnotation(id, isCrowd, label, width, height, Usable(polygons), rle: null);
        }

        if (segmentation.Runs is not { Size: [int rows, int columns] } runs)
            throw new FormatException("segmentation without a size of two numbers");
        if (rows != height || columns != width)
        {
            throw new FormatException(
                $"segmentation of {columns}x{rows} (width x height) in a picture of {width}x{height}");
        }

        Rle rle = runs switch
        {
            { Compressed: { } text } => Rle.FromCompressed(text, height, width),
            { Counts: { } counts } => Rle.FromCounts(counts, height, width),
            _ => throw new FormatException("segmentation without counts"),
        };
        return new CocoAnnotation(id, isCrowd, label, width, height, polygons: null, rle);
    }

    /// <summary>
    /// The valid polygons. Invalid ones, such as a line or a point, are ignored if there is at least one valid one.
    /// </summary>
    private static List<double[]> Usable(IReadOnlyList<double[]> polygons)
    {
        var usable = new List<double[]>(polygons.Count);
        FormatException? problem = null;
        foreach (double[] polygon in polygons.Where(polygon => polygon.Length > 0))
        {
            try
            {
                PolygonRasterizer.Validate(polygon);
                usable.Add(polygon);
            }
            catch (FormatException e)
            {
                problem ??= e;
            }
        }

        return usable.Count > 0 ? usable : throw problem ?? new FormatException("segmentation without a polygon");
    }
}
