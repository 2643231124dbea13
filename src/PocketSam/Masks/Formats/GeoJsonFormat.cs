using System.Text.Json;

namespace PocketSam.Masks.Formats;

/// <summary>
/// GeoJSON (RFC 7946): a FeatureCollection with a MultiPolygon for each mask, holes included, and the mask's area, box,
/// scores and label as properties, those that are known; ids are places, from 0.
/// </summary>
/// <remarks>
/// Coordinates are pixel corners of the picture, y from the top down, not longitude and latitude. Outer rings run
/// clockwise as seen in the picture: in these coordinates, read as if y went up, that is counterclockwise as the RFC
/// asks.
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
