using System.Data.Common;

namespace PocketSam.Labelling.Storage;

/// <summary>A stored picture.</summary>
/// <param name="Id">Its id, which stays when its file is moved.</param>
/// <param name="Path">Path of its file relative to the folder, with <c>/</c> between folders.</param>
/// <param name="Hash">SHA-256 of the file, in hexadecimal; empty until it is computed.</param>
/// <param name="Bytes">Length of the file, in bytes.</param>
/// <param name="Modified">Time of the file's last write, in ticks, UTC.</param>
/// <param name="Width">Width of the upright picture, in pixels; 0 if it cannot be read.</param>
/// <param name="Height">Height of the upright picture, in pixels; 0 if it cannot be read.</param>
/// <param name="Status"><c>here</c>, <c>changed</c> or <c>missing</c>.</param>
/// <param name="State"><c>todo</c>, <c>done</c>, <c>checked</c> or <c>rejected</c>.</param>
/// <param name="Comment">A comment of the labellers.</param>
/// <param name="Version">Number of changes; each change increases it.</param>
/// <param name="ChangedBy">The name of the person who changed it last.</param>
/// <param name="ChangedAt">The time of the last change, UTC, ISO 8601.</param>
internal sealed record StoredPicture(
    long Id, string Path, string Hash, long Bytes, long Modified, int Width, int Height, string Status, string State, string Comment,
    long Version, string ChangedBy, string ChangedAt)
{
    public const string Here = "here", Changed = "changed", Missing = "missing";

    public const string Columns
        = "id, path, hash, bytes, modified, width, height, status, state, comment, version, changed_by, changed_at";

    public static StoredPicture Read(DbDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt64(4), (int)row.GetInt64(5), (int)row.GetInt64(6),
        row.GetString(7), row.GetString(8), row.GetString(9), row.GetInt64(10), row.GetString(11), row.GetString(12));
}
