using PocketSam.Labelling.Api;
using PocketSam.Labelling.Pictures;
using PocketSam.Labelling.Storage;
using PocketSam.Training.FineTuning;

namespace PocketSam.Labelling.Improvement;

/// <summary>
/// The training data of a project's model: pictures in the states done and checked, with their objects.
/// </summary>
internal static class LabelledPictures
{
    /// <summary>Reads the pictures whose files are unchanged.</summary>
    /// <exception cref="LabelException">There are too few pictures, or none of them is in the folder.</exception>
    public static async Task<IReadOnlyList<FineTuningPicture>> ReadAsync(ProjectDatabase database, PictureFolder folder)
    {
        (List<StoredPicture> done, ILookup<long, StoredObject> objects) = await database.ReadAsync(async session => (
            await session.QueryAsync(
                $"SELECT {StoredPicture.Columns} FROM pictures p WHERE state IN ('done', 'checked') ORDER BY sort_key, path", StoredPicture.Read),
            (await session.QueryAsync(
                $"""
                SELECT {StoredObject.Columns}, picture_id FROM objects o
                    WHERE picture_id IN (SELECT id FROM pictures p WHERE state IN ('done', 'checked')) ORDER BY id
                """,
                row => (Picture: row.GetInt64(10), Object: StoredObject.Read(row)))).ToLookup(row => row.Picture, row => row.Object)));
        List<FineTuningPicture> found = [];
        int missing = 0;
        foreach (StoredPicture picture in done)
        {
            Rle[] masks =
            [
                .. objects[picture.Id].Where(thing => (thing.Width, thing.Height) == (picture.Width, picture.Height))
                    .Select(thing => Rle.FromCompressed(thing.Counts, thing.Height, thing.Width)).Where(mask => mask.Area > 0),
            ];
            if (masks.Length == 0)
                continue;
            string file = folder.FileOf(picture.Path);
            if (new FileInfo(file) is { Exists: true } there && there.Length == picture.Bytes)
                found.Add(new FineTuningPicture(picture.Path, file, masks) { Key = picture.Hash.Length > 0 ? picture.Hash : picture.Path });
            else
                missing++;
        }

        if (found.Count == 0 && missing > 0)
            throw LabelException.Invalid($"none of the {missing} pictures that are done lies in {folder.Path}: it is another folder");
        return found.Count >= FineTuner.LeastPictures ? found : throw LabelException.Invalid(
            $"{found.Count} pictures are done or checked and have objects, and improving needs {FineTuner.LeastPictures}: some to learn from, others to measure on");
    }
}
