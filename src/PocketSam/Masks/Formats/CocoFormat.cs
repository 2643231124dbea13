using System.Text.Json;
using PocketSam.Masks.Formats;

namespace PocketSam;

/// <summary>
/// A complete COCO dataset of one picture: picture and masks are numbered from 1, categories are the masks' labels, from 1 in the
/// order in which they come first; masks without one are of the category "object".
/// </summary>
/// <remarks>
/// Polygons have no holes in COCO. Those of a part are joined to its outer ring by bridges of no width, walked once
/// each way (see <see cref="YoloFormat"/>); COCO's own tools then leave them out as they should.
/// </remarks>
public sealed class CocoFormat : MaskFileFormat
{
    private const int OnlyNumber = 1;

    private readonly double? _tolerance;

    /// <summary>Masks as compressed run-length encodings: exact.</summary>
    public CocoFormat()
    {
    }

    /// <summary>Masks as polygons, one for each part.</summary>
    /// <param name="tolerance">See <see cref="BinaryMask.ToPolygons(double)"/>; 0 is exact.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tolerance is negative or not finite.</exception>
    public CocoFormat(double tolerance) => _tolerance = CheckTolerance(tolerance);

    /// <inheritdoc/>
    public override string Extension => ".json";

    /// <inheritdoc/>
    public override bool LinksPicture => true;

    /// <inheritdoc/>
    public override void Write(Stream stream, AnnotatedPicture picture)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(picture);
        var labels = new LabelIndex(picture.Masks);
        var document = new CocoDocument(
            [new CocoDocument.Picture(OnlyNumber, picture.Path, picture.Width, picture.Height)],
            picture.Masks.Select((mask, i) => new CocoDocument.Annotation(
                i + 1,
                OnlyNumber,
                labels.Of(mask) + 1,
                new CocoSegmentation(mask.Segmentation, Polygons(mask.Segmentation)),
                mask.Area,
                mask.Box.ToArray(),
                IsCrowd: 0)),
            [.. labels.Names.Select((name, i) => new CocoDocument.Category(i + 1, name))]);
        JsonSerializer.Serialize(stream, document, Json.CocoDocument);
    }

    private IReadOnlyList<PixelCorner>[]? Polygons(Rle mask)
        => _tolerance is { } tolerance
            ? [.. mask.ToPolygons(tolerance).Select(polygon => RingBridge.Join(polygon.Rings))]
            : null;
}
