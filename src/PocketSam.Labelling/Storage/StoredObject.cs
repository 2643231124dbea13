using System.Data.Common;
using System.Text.Json;
using PocketSam.Labelling.Api;

namespace PocketSam.Labelling.Storage;

/// <summary>A stored object, in the table of objects and in the history.</summary>
/// <param name="Id">Its id, never used again.</param>
/// <param name="ClassId">Its class.</param>
/// <param name="Height">Height of the mask, in pixels.</param>
/// <param name="Width">Width of the mask, in pixels.</param>
/// <param name="Counts">COCO's compressed run lengths.</param>
/// <param name="Attributes">A JSON object as text.</param>
/// <param name="Made">How it was made, for instance <c>click</c>, <c>box</c> or <c>import</c>.</param>
/// <param name="Who">The name of the person who made or last changed it.</param>
/// <param name="When">The time of that change, UTC, ISO 8601.</param>
/// <param name="Score">The predicted IoU or similarity; null without a model.</param>
internal sealed record StoredObject(
    long Id, long ClassId, int Height, int Width, string Counts, string Attributes, string Made, string Who, string When, double? Score)
{
    public const string Columns = "id, class_id, height, width, counts, attributes, made, who, made_at, score";

    public static StoredObject Read(DbDataReader row) => new(
        row.GetInt64(0), row.GetInt64(1), (int)row.GetInt64(2), (int)row.GetInt64(3), row.GetString(4), row.GetString(5),
        row.GetString(6), row.GetString(7), row.GetString(8), row.IsDBNull(9) ? null : row.GetDouble(9));

    public ObjectDocument ToDocument()
    {
        using JsonDocument attributes = JsonDocument.Parse(Attributes);
        return new ObjectDocument(
            Id, ClassId, new RleDocument([Height, Width], Counts), attributes.RootElement.Clone(), Made, Who, When, Score);
    }
}
