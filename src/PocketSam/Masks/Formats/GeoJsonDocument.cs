using System.Text.Json.Serialization;

namespace PocketSam.Masks.Formats;

internal sealed record GeoJsonDocument(string Type, IEnumerable<GeoJsonDocument.Feature> Features)
{
    internal sealed record Feature(string Type, int Id, MultiPolygon Geometry, Measures Properties);

    /// <param name="Type">Always <c>MultiPolygon</c>.</param>
    /// <param name="Coordinates">Polygons of rings of corners [x, y], in pixels.</param>
    internal sealed record MultiPolygon(string Type, IEnumerable<IEnumerable<IEnumerable<int[]>>> Coordinates);

    internal sealed record Measures(
        int Area,
        int[] Bbox,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] float? PredictedIou,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] float? StabilityScore,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Label);
}
