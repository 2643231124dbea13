using System.Data.Common;
using System.Text.Json;
using PocketSam.Labelling.Api;

namespace PocketSam.Labelling.Storage;

/// <summary>An object as it lies in the database, and in the history of its picture.</summary>
/// <param name="Id">Its number, never given twice.</param>
/// <param name="ClassId">Its class.</param>
/// <param name="Height">Rows of the mask.</param>
/// <param name="Width">Pixels in a row of the mask.</param>
/// <param name="Counts">COCO's compressed run lengths.</param>
/// <param name="Attributes">A JSON object.</param>
/// <param name="Made">How it came to be.</param>
/// <param name="Who">Who made it.</param>
/// <param name="When">When, UTC, ISO 8601.</param>
/// <param name="Score">How sure a model was; null where none was asked.</param>
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
