using PocketSam.Masks;
using PocketSam.Masks.Coco;

namespace PocketSam;

/// <summary>One marked object, kept as stored until its mask is asked for.</summary>
public sealed class CocoAnnotation
{
    private readonly IReadOnlyList<double[]>? _polygons;
    private readonly Rle? _rle;
    private readonly int _width;
    private readonly int _height;

    private CocoAnnotation(
        long id, bool isCrowd, int width, int height, IReadOnlyList<double[]>? polygons, Rle? rle)
    {
        Id = id;
        IsCrowd = isCrowd;
        _width = width;
        _height = height;
        _polygons = polygons;
        _rle = rle;
    }

    /// <summary>The annotation's number in its file.</summary>
    public long Id { get; }

    /// <summary>Whether it marks a group of objects as one region (COCO's <c>iscrowd</c>).</summary>
    public bool IsCrowd { get; }

    /// <summary>The mask, of the size stated for the picture; decoded anew at each call.</summary>
    public BinaryMask Decode() => _rle?.ToMask() ?? PolygonRasterizer.Rasterize(_polygons!, _width, _height);

    /// <summary>Checks what a file holds against its picture.</summary>
    /// <exception cref="FormatException">The segmentation is none, or not of the picture's size.</exception>
    internal static CocoAnnotation Create(long id, bool isCrowd, CocoSegmentation segmentation, int width, int height)
    {
        if (segmentation.Problem is { } problem)
            throw new FormatException(problem);
        if (segmentation.Polygons is { } polygons)
        {
            if (polygons.Count == 0)
                throw new FormatException("segmentation without a polygon");
            foreach (double[] polygon in polygons)
                PolygonRasterizer.Validate(polygon);
            return new CocoAnnotation(id, isCrowd, width, height, polygons, rle: null);
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
        return new CocoAnnotation(id, isCrowd, width, height, polygons: null, rle);
    }
}
