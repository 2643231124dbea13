using NetTopologySuite.Geometries;
using NetTopologySuite.Operation.Valid;

namespace PocketSam.Tests.Masks;

/// <summary>What OGC Simple Features says of a mask's polygons, by NetTopologySuite.</summary>
internal static class OgcValidity
{
    /// <summary>Why the polygons are no valid MultiPolygon; null where they are.</summary>
    public static string? Reason(IReadOnlyList<MaskPolygon> polygons)
        => new IsValidOp(ToGeometry(polygons)).ValidationError?.ToString();

    public static MultiPolygon ToGeometry(IReadOnlyList<MaskPolygon> polygons) => new(
        [.. polygons.Select(polygon => new Polygon(ToRing(polygon.Outer), [.. polygon.Holes.Select(ToRing)]))]);

    private static LinearRing ToRing(IReadOnlyList<PixelCorner> ring)
        => new([.. ring.Append(ring[0]).Select(corner => new Coordinate(corner.X, corner.Y))]);
}
