namespace PocketSam;

/// <summary>
/// The border of one part of a mask: pixels that touch at a side are one part. Valid by OGC Simple Features, alone and with
/// the other parts of the mask as a MultiPolygon, simplified or not.
/// </summary>
/// <remarks>
/// Rings are closed by themselves (the first corner is not repeated). The outer ring goes clockwise as seen on the screen and
/// holes go the other way; as traced all edges are horizontal or vertical, and filling the rings of all parts by the even-odd
/// rule gives back the mask. No ring crosses or touches itself; two may touch at a corner: where two pixels touch at a corner
/// alone they are two parts, or the ends of a part around a hole, and where two pixels outside do they are two holes.
/// </remarks>
/// <param name="Outer">The border of the part and its holes together; at least 3 corners.</param>
/// <param name="Holes">The borders of the holes; at least 3 corners each.</param>
public sealed record MaskPolygon(
    IReadOnlyList<PixelCorner> Outer, IReadOnlyList<IReadOnlyList<PixelCorner>> Holes)
{
    /// <summary>The outer ring, then the holes.</summary>
    public IEnumerable<IReadOnlyList<PixelCorner>> Rings => Holes.Prepend(Outer);
}
