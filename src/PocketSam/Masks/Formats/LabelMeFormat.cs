using System.Text.Json;
using PocketSam.Masks.Formats;

namespace PocketSam;

/// <summary>
/// A file of the annotation tool LabelMe, version 5: a polygon for each part of each mask, with its label or "object". Parts of
/// the same mask share a <c>group_id</c>, the mask's place from 0; the picture is linked, not embedded.
/// </summary>
/// <remarks>
/// LabelMe has no holes: they are joined to their outer ring by bridges (see <see cref="YoloFormat"/>).
/// </remarks>
public sealed class LabelMeFormat : MaskFileFormat
{
    private const string Version = "5.0.1";

    private static readonly Dictionary<string, bool> NoFlags = [];

    private readonly double _tolerance;

    /// <param name="tolerance">See <see cref="BinaryMask.ToPolygons(double)"/>; 0 keeps every corner.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tolerance is negative or not finite.</exception>
    public LabelMeFormat(double tolerance = 1) => _tolerance = CheckTolerance(tolerance);

    /// <inheritdoc/>
    public override string Extension => ".json";

    /// <inheritdoc/>
    public override bool LinksPicture => true;

    /// <inheritdoc/>
    public override void Write(Stream stream, AnnotatedPicture picture)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(picture);
        IEnumerable<LabelMeDocument.Region> shapes = picture.Masks.SelectMany(
            (mask, i) => mask.Segmentation.ToPolygons(_tolerance).Select(polygon => new LabelMeDocument.Region(
                LabelIndex.NameOf(mask),
                RingBridge.Join(polygon.Rings).Select(corner => (int[])[corner.X, corner.Y]),
                i,
                "polygon",
                NoFlags)));
        var document = new LabelMeDocument(
            Version, NoFlags, shapes, picture.Path, ImageData: null, picture.Height, picture.Width);
        JsonSerializer.Serialize(stream, document, Json.LabelMeDocument);
    }
}
