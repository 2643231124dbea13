using System.Text.Json;

namespace PocketSam.Masks.Formats;

/// <summary>
/// GeoJSON (RFC 7946): a FeatureCollection with a MultiPolygon for each mask, holes included, and as properties the
/// mask's area, box, and its scores and label if known; ids are indices, from 0.
/// </summary>
/// <remarks>
/// Coordinates are pixel corners of the picture, y from the top down, not longitude and latitude. Outer rings go
/// clockwise on the screen, which is anticlockwise with y up, as the RFC requires.
/// </remarks>
internal sealed class GeoJsonFormat() : MaskFormat("geojson", ".geojson", "application/geo+json")
{
    protected override IEnumerable<MaskFile> FilesOf(AnnotatedPicture picture, double tolerance)
        => [new MaskFile(NameFor(picture), stream => Write(stream, picture, tolerance))];

    private static void Write(Stream stream, AnnotatedPicture picture, double tolerance)
    {
        var document = new GeoJsonDocument("FeatureCollection", picture.Annotations.Select(
            (mask, i) => new GeoJsonDocument.Feature(
                "Feature",
                i,
                new GeoJsonDocument.MultiPolygon("MultiPolygon", Coordinates(mask.Segmentation, tolerance)),
                new GeoJsonDocument.Measures(
                    mask.Area, mask.Box.ToArray(), mask.PredictedIou, mask.StabilityScore, mask.Label))));
        JsonSerializer.Serialize(stream, document, Json.GeoJsonDocument);
    }

    private static IEnumerable<IEnumerable<IEnumerable<int[]>>> Coordinates(Rle mask, double tolerance)
        => mask.ToPolygons(tolerance).Select(polygon => polygon.Rings.Select(
            ring => ring.Append(ring[0]).Select(corner => (int[])[corner.X, corner.Y])));
}
