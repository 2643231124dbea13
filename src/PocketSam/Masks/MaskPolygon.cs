namespace PocketSam;

/// <summary>
/// The border of one part of a mask: pixels that touch at a side or a corner are one part, pixels outside that touch at
/// a side are one hole.
/// </summary>
/// <remarks>
/// Rings are closed by themselves (the first corner is not repeated). As traced, the outer ring goes clockwise as seen
/// on the screen and holes go the other way; all edges are horizontal or vertical, and filling the rings of all parts
/// by the even-odd rule gives back the mask. A ring may touch itself or another at a corner; as traced it crosses none.
/// </remarks>
/// <param name="Outer">The border of the part and its holes together; at least 3 corners.</param>
/// <param name="Holes">The borders of the holes; at least 3 corners each.</param>
public sealed record MaskPolygon(
    IReadOnlyList<PixelCorner> Outer, IReadOnlyList<IReadOnlyList<PixelCorner>> Holes)
{
    /// <summary>The outer ring, then the holes.</summary>
    public IEnumerable<IReadOnlyList<PixelCorner>> Rings => Holes.Prepend(Outer);
}
