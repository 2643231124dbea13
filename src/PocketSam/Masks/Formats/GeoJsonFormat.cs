using System.Text.Json;
using PocketSam.Masks.Formats;

namespace PocketSam;

/// <summary>
/// GeoJSON (RFC 7946): a FeatureCollection with a MultiPolygon for each mask, holes included, and the mask's area, box,
/// scores and label as properties, those that are known; ids are places, from 0.
/// </summary>
/// <remarks>
/// Coordinates are pixel corners of the picture, y from the top down, not longitude and latitude. Outer rings run
/// clockwise as seen in the picture: in these coordinates, read as if y went up, that is counterclockwise as the RFC
/// asks.
/// </remarks>
public sealed class GeoJsonFormat : MaskFileFormat
{
    private readonly double _tolerance;

    /// <param name="tolerance">See <see cref="BinaryMask.ToPolygons(double)"/>; 0 keeps every corner.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tolerance is negative or not finite.</exception>
    public GeoJsonFormat(double tolerance = 1) => _tolerance = CheckTolerance(tolerance);

    /// <inheritdoc/>
    public override string Extension => ".geojson";

    /// <inheritdoc/>
    public override bool LinksPicture => false;

    /// <inheritdoc/>
    public override void Write(Stream stream, AnnotatedPicture picture)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(picture);
        var document = new GeoJsonDocument("FeatureCollection", picture.Masks.Select(
            (mask, i) => new GeoJsonDocument.Feature(
                "Feature",
                i,
                new GeoJsonDocument.MultiPolygon("MultiPolygon", Coordinates(mask.Segmentation)),
                new GeoJsonDocument.Measures(
                    mask.Area, mask.Box.ToArray(), Known(mask.PredictedIou), Known(mask.StabilityScore), mask.Label))));
        JsonSerializer.Serialize(stream, document, Json.GeoJsonDocument);
    }

    private static float? Known(float score) => float.IsNaN(score) ? null : score;

    private IEnumerable<IEnumerable<IEnumerable<int[]>>> Coordinates(Rle mask)
        => mask.ToPolygons(_tolerance).Select(polygon => polygon.Rings.Select(
            ring => ring.Append(ring[0]).Select(corner => (int[])[corner.X, corner.Y])));
}
