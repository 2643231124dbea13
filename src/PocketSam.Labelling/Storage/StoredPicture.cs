using System.Data.Common;

namespace PocketSam.Labelling.Storage;

/// <summary>A picture as the project knows it.</summary>
/// <param name="Id">Its number, which stays when its file moves.</param>
/// <param name="Path">Its file from the folder, with <c>/</c> between folders.</param>
/// <param name="Hash">SHA-256 of the file; empty until it is known.</param>
/// <param name="Bytes">Length of the file.</param>
/// <param name="Modified">When the file was written, in ticks of UTC.</param>
/// <param name="Width">Pixels in a row of the upright picture; 0 where it cannot be read.</param>
/// <param name="Height">Its rows.</param>
/// <param name="Status"><c>here</c>, <c>changed</c> or <c>missing</c>.</param>
/// <param name="State"><c>todo</c>, <c>done</c>, <c>checked</c> or <c>rejected</c>.</param>
/// <param name="Comment">What somebody wrote about it.</param>
/// <param name="Version">Grows with every change.</param>
/// <param name="ChangedBy">Who changed it last.</param>
/// <param name="ChangedAt">When.</param>
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
