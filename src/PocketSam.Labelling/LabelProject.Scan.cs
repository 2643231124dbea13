using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using PocketSam.Imaging;

namespace PocketSam.Labelling;

/// <summary>The pictures of the folder: added, moved, changed and removed ones are noticed; and what goes in and out.</summary>
public sealed partial class LabelProject
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".ico"];

    /// <summary>Looks at the folder and what lies below it. A file of the same size and time as before is not read.</summary>
    /// <param name="progress">Told the share that is done, 0 to 1.</param>
    /// <param name="cancellation">Looked at before each file.</param>
    /// <returns>How many pictures were added, found elsewhere, changed and lost; and files that are no pictures, with the reason.</returns>
    /// <exception cref="IOException">The folder or the project's file cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; what was noticed until then is kept.</exception>
    public ProjectScan Scan(IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        Dictionary<string, KnownPicture> known = Locked(() =>
        {
            using SqliteDataReader rows = Query("SELECT id, path, hash, bytes, modified, status, width, height FROM pictures");
            var read = new Dictionary<string, KnownPicture>(StringComparer.Ordinal);
            while (rows.Read())
            {
                read.Add(rows.GetString(1), new KnownPicture(
                    rows.GetInt64(0), rows.GetString(2), rows.GetInt64(3), rows.GetString(4), rows.GetString(5), rows.GetInt32(6), rows.GetInt32(7)));
            }

            return read;
        });
        string[] files =
        [
            .. Directory.EnumerateFiles(Folder, "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true })
                .Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal),
        ];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var fresh = new List<(string Path, string Hash, long Bytes, string Modified, int Width, int Height)>();
        var changed = new List<(KnownPicture Picture, string Hash, long Bytes, string Modified, int Width, int Height)>();
        var failed = new List<string>();
        for (int i = 0; i < files.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report((double)i / files.Length);
            string path = Path.GetRelativePath(Folder, files[i]).Replace('\\', '/');
            var info = new FileInfo(files[i]);
            string modified = info.LastWriteTimeUtc.Ticks.ToString(CultureInfo.InvariantCulture);
            KnownPicture? before = known.GetValueOrDefault(path);
            if (before is not null && before.Bytes == info.Length && before.Modified == modified && before.Status != PictureStates.Missing)
            {
                seen.Add(path);
                continue;
            }

            try
            {
                string hash = Hash(files[i]);
                (int width, int height) = before?.Hash == hash ? (before.Width, before.Height) : ImageFile.ReadSize(files[i]);
                seen.Add(path);
                if (before is null)
                    fresh.Add((path, hash, info.Length, modified, width, height));
                else
                    changed.Add((before, hash, info.Length, modified, width, height));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failed.Add(e.Message);
            }
        }

        KeyValuePair<string, KnownPicture>[] gone = [.. known.Where(picture => !seen.Contains(picture.Key))];
        return Locked(() => Changing(() =>
        {
            int added = 0, moved = 0, altered = 0, lost = 0;
            ILookup<string, KnownPicture> goneByHash = gone.ToLookup(picture => picture.Value.Hash, picture => picture.Value);
            var found = new HashSet<long>();
            foreach ((string path, string hash, long bytes, string modified, int width, int height) in fresh)
            {
                if (goneByHash[hash].FirstOrDefault(picture => !found.Contains(picture.Id)) is { } elsewhere)
                {
                    found.Add(elsewhere.Id);
                    moved++;
                    Execute(
                        "UPDATE pictures SET path = $path, bytes = $bytes, modified = $modified, status = 'here' WHERE id = $id", ("$id", elsewhere.Id),
                        ("$path", path), ("$bytes", bytes), ("$modified", modified));
                    continue;
                }

                added++;
                Execute(
                    """
                    INSERT INTO pictures (path, hash, bytes, modified, width, height) VALUES ($path, $hash, $bytes, $modified, $width, $height)
                    """,
                    ("$path", path), ("$hash", hash), ("$bytes", bytes), ("$modified", modified), ("$width", width), ("$height", height));
            }

            foreach ((KnownPicture picture, string hash, long bytes, string modified, int width, int height) in changed)
            {
                bool same = picture.Hash == hash;
                bool labelled = (long)Command("SELECT count(*) FROM objects WHERE picture_id = $id", ("$id", picture.Id)).ExecuteScalar()! > 0;
                if (same || !labelled)
                {
                    Execute(
                        """
                        UPDATE pictures SET hash = $hash, bytes = $bytes, modified = $modified, width = $width, height = $height, status = 'here' WHERE id = $id
                        """,
                        ("$id", picture.Id), ("$hash", hash), ("$bytes", bytes), ("$modified", modified), ("$width", width), ("$height", height));
                }
                else if (picture.Status != PictureStates.Changed)
                {
                    // Masks fit the picture that was labelled: its size and hash stay.
                    Execute("UPDATE pictures SET status = 'changed' WHERE id = $id", ("$id", picture.Id));
                }

                altered += same ? 0 : 1;
            }

            foreach (KnownPicture picture in gone.Select(g => g.Value).Where(g => !found.Contains(g.Id) && g.Status != PictureStates.Missing))
            {
                lost++;
                Execute("UPDATE pictures SET status = 'missing' WHERE id = $id", ("$id", picture.Id));
            }

            return new ProjectScan(added, moved, altered, lost, failed);
        }));
    }

    /// <summary>Takes objects of a data set over: those of a picture become the picture's, in one change of its history.</summary>
    /// <param name="pictures">
    /// Pictures with their objects; each belongs to the picture of the project whose path it has, or ends with, or whose name it has.
    /// </param>
    /// <param name="who">Who does it.</param>
    /// <returns>What was taken, what not and why, and the classes that were added. All is one transaction.</returns>
    /// <exception cref="LabelProjectException">The file cannot be written.</exception>
    public ProjectImport Import(IEnumerable<AnnotatedPicture> pictures, string who)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentNullException.ThrowIfNull(who);
        return Locked(() => Changing(() =>
        {
            var byName = new Dictionary<string, List<(long Id, string Path)>>(StringComparer.Ordinal);
            using (SqliteDataReader rows = Query("SELECT id, path FROM pictures ORDER BY path"))
            {
                while (rows.Read())
                {
                    string path = rows.GetString(1), name = Path.GetFileNameWithoutExtension(path);
                    (byName.TryGetValue(name, out List<(long, string)>? same) ? same : byName[name] = []).Add((rows.GetInt64(0), path));
                }
            }

            var skipped = new List<(string Name, string Why)>();
            string[] before = [.. ReadClasses().Select(c => c.Name)];
            int taken = 0, objects = 0;
            foreach (AnnotatedPicture picture in pictures)
            {
                string path = picture.Path.Replace('\\', '/');
                List<(long Id, string Path)> places = byName.GetValueOrDefault(Path.GetFileNameWithoutExtension(path)) ?? [];
                (long Id, string Path)[] best = [.. places.Where(place => path == place.Path || path.EndsWith('/' + place.Path, StringComparison.Ordinal))];
                if (best.Length == 0 && places.Count == 1)
                    best = [places[0]];
                if (best.Length != 1)
                {
                    skipped.Add((picture.Path, best.Length == 0 && places.Count == 0 ? "the project has no such picture" : "several pictures of the project have this name"));
                    continue;
                }

                PictureRow row = RequirePicture(best[0].Id);
                if (row.Width != picture.Width || row.Height != picture.Height)
                {
                    skipped.Add((picture.Path, $"it is {picture.Width}x{picture.Height} there and {row.Width}x{row.Height} here"));
                    continue;
                }

                HistoryStep[] steps =
                [
                    .. picture.Annotations.Where(annotation => annotation.Area > 0).Select(annotation =>
                    {
                        var added = new ObjectDocument(
                            0, RequireClass(annotation.ClassName),
                            new RleDocument([row.Height, row.Width], annotation.Segmentation.ToCompressed()), [], "import", who, Time(Now()),
                            annotation.PredictedIou is >= 0 and <= 1 and var score ? score : null);
                        return new HistoryStep(null, added with { Id = Insert(row.Id, added) });
                    }),
                ];
                if (steps.Length == 0)
                    continue;
                Execute("DELETE FROM history WHERE picture_id = $id AND undone = 1", ("$id", row.Id));
                Execute(
                    "INSERT INTO history (picture_id, version, how, who, at, steps) VALUES ($id, $version, 'import', $who, $at, $steps)",
                    ("$id", row.Id), ("$version", row.Version + 1), ("$who", who), ("$at", Now()),
                    ("$steps", System.Text.Json.JsonSerializer.Serialize(steps, Json.HistoryStepArray)));
                Execute("UPDATE pictures SET version = version + 1 WHERE id = $id", ("$id", row.Id));
                taken++;
                objects += steps.Length;
            }

            return new ProjectImport(taken, objects, [.. ReadClasses().Select(c => c.Name).Except(before)], skipped);
        }));
    }

    /// <summary>The pictures with their objects, by name, with all classes of the project in a stable order; rejected pictures are left out.</summary>
    /// <param name="relativeTo">The folder that their paths lead from; null for the project's.</param>
    /// <param name="all">Whether pictures without objects that nobody has called done are given too.</param>
    public IReadOnlyList<AnnotatedPicture> Export(string? relativeTo = null, bool all = false) => Locked<IReadOnlyList<AnnotatedPicture>>(() =>
    {
        Dictionary<long, string> classes = ReadClasses().ToDictionary(c => c.Id, c => c.Name);
        var rows = new List<PictureRow>();
        using (SqliteDataReader reader = Query(
            "SELECT id, path, width, height, state, comment, version, status FROM pictures WHERE state <> 'rejected' ORDER BY path"))
        {
            while (reader.Read())
            {
                rows.Add(new PictureRow(
                    reader.GetInt64(0), reader.GetString(1), reader.GetInt32(2), reader.GetInt32(3), reader.GetString(4), reader.GetString(5),
                    reader.GetInt64(6), reader.GetString(7)));
            }
        }

        var pictures = new List<AnnotatedPicture>();
        foreach (PictureRow row in rows)
        {
            List<ObjectDocument> objects = Objects(row.Id);
            if (objects.Count == 0 && row.State == PictureStates.Todo && !all)
                continue;
            string path = relativeTo is null ? row.Path
                : Path.GetRelativePath(relativeTo, Path.Combine(Folder, row.Path)).Replace(Path.DirectorySeparatorChar, '/');
            pictures.Add(new AnnotatedPicture(
                path, row.Width, row.Height,
                [
                    .. objects.Select(o => new Annotation(Rle.FromCompressed(o.Rle.Counts, o.Rle.Size[0], o.Rle.Size[1]))
                    {
                        Label = classes[o.ClassId], PredictedIou = (float?)o.Score,
                    }),
                ]) { Classes = [.. classes.Values] });
        }

        return pictures;
    });

    /// <summary>Writes the project as it is now to another file, whole or not at all.</summary>
    internal void CopyTo(string file) => Locked(() =>
    {
        Execute("VACUUM INTO $file", ("$file", file));
        return true;
    });

    private static string Hash(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private sealed record KnownPicture(long Id, string Hash, long Bytes, string Modified, string Status, int Width, int Height);
}

/// <summary>What was noticed in a project's folder.</summary>
/// <param name="Added">Pictures that are new.</param>
/// <param name="Moved">Pictures that lie elsewhere or are called otherwise now.</param>
/// <param name="Changed">Files that hold another picture than before.</param>
/// <param name="Missing">Pictures that are there no more; their objects stay.</param>
/// <param name="Failed">Files that cannot be read, one line each.</param>
public sealed record ProjectScan(int Added, int Moved, int Changed, int Missing, IReadOnlyList<string> Failed);

/// <summary>What an import gave.</summary>
/// <param name="Pictures">Pictures that got objects.</param>
/// <param name="Objects">Objects that were taken.</param>
/// <param name="ClassesAdded">Classes that the project did not have.</param>
/// <param name="Skipped">Pictures that were left out, and why.</param>
public sealed record ProjectImport(
    int Pictures, int Objects, IReadOnlyList<string> ClassesAdded, IReadOnlyList<(string Name, string Why)> Skipped);
