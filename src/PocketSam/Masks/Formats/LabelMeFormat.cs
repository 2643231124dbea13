using System.Text.Json;

namespace PocketSam.Masks.Formats;

/// <summary>
/// A file of the annotation tool LabelMe, version 5: a polygon for each part of each mask, with its label or "object".
/// Parts of one mask share a <c>group_id</c>, the mask's index from 0. The picture is linked, not embedded.
/// </summary>
/// <remarks>
/// LabelMe has no holes: bridges join them to their outer ring (see <see cref="YoloFormat"/>).
/// </remarks>
internal sealed class LabelMeFormat() : MaskFormat("labelme", ".json", "application/json")
{
    private const string Version = "5.0.1";

    private static readonly Dictionary<string, bool> NoFlags = [];

    public override bool LinksPicture => true;

    protected override IEnumerable<MaskFile> FilesOf(AnnotatedPicture picture, double tolerance)
        => [new MaskFile(NameFor(picture), stream => Write(stream, picture, tolerance))];

    private static void Write(Stream stream, AnnotatedPicture picture, double tolerance)
    {
        IEnumerable<LabelMeDocument.Region> shapes = picture.Annotations.SelectMany(
            (mask, i) => mask.Segmentation.ToPolygons(tolerance).Select(polygon => new LabelMeDocument.Region(
                mask.ClassName,
                RingBridge.Join(polygon.Rings).Select(corner => (int[])[corner.X, corner.Y]),
                i,
                "polygon",
                NoFlags)));
        var document = new LabelMeDocument(
            Version, NoFlags, shapes, picture.Path, ImageData: null, picture.Height, picture.Width);
        JsonSerializer.Serialize(stream, document, Json.LabelMeDocument);
    }
}
