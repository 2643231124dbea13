namespace PocketSam;

/// <summary>
/// The border of one part of a mask; pixels that share a side belong to one part. Valid by OGC Simple Features, alone
/// and as a MultiPolygon with the other parts of the mask, simplified or not.
/// </summary>
/// <remarks>
/// Rings are closed implicitly (the first corner is not repeated). On the screen the outer ring goes clockwise and
/// holes go anticlockwise. All edges of unsimplified rings are horizontal or vertical, and filling the rings of all
/// parts by the even-odd rule restores the mask. No ring crosses or touches itself. Two rings may touch at a corner:
/// two pixels that touch only there are two parts, or the ends of a part around a hole, and two unset pixels that touch
/// only there are two holes.
/// </remarks>
/// <param name="Outer">The outer border of the part; at least 3 corners.</param>
/// <param name="Holes">The borders of the holes; at least 3 corners each.</param>
public sealed record MaskPolygon(
    IReadOnlyList<PixelCorner> Outer, IReadOnlyList<IReadOnlyList<PixelCorner>> Holes)
{
    /// <summary>The outer ring, then the holes.</summary>
    public IEnumerable<IReadOnlyList<PixelCorner>> Rings => Holes.Prepend(Outer);
}
