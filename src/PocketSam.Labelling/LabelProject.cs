using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace PocketSam.Labelling;

/// <summary>
/// A folder of pictures with their objects, kept in one SQLite file. Every change is one transaction that is on the disk before it is
/// answered; what was done is undone and redone from the history. Pictures are read where they lie and never written. Any number of
/// threads may use it.
/// </summary>
public sealed partial class LabelProject : IDisposable
{
    /// <summary>The project's file in its folder, where no other is named.</summary>
    public const string FileName = "pocketsam-labels.db";

    private const int MaxChanges = 10_000;
    private const int MaxText = 2000;
    private const string BackupEnding = ".bak";

    // Run-length strings are full of characters that JSON allows and that are escaped for HTML's sake only.
    internal static readonly LabelJson Json = new(new JsonSerializerOptions(LabelJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    private readonly Lock _gate = new();
    private readonly SqliteConnection _connection;
    private readonly TimeProvider _time;

    private LabelProject(string folder, string file, SqliteConnection connection, TimeProvider time)
        => (Folder, File, _connection, _time) = (folder, file, connection, time);

    /// <summary>The folder of the pictures.</summary>
    public string Folder { get; }

    /// <summary>The project's file.</summary>
    public string File { get; }

    /// <summary>Opens a project, or begins one.</summary>
    /// <param name="folder">The folder of the pictures.</param>
    /// <param name="file">The project's file; null for <see cref="FileName"/> in the folder.</param>
    /// <param name="classes">Classes to add where they are missing.</param>
    /// <param name="time">Tells the time; null for the system's.</param>
    /// <exception cref="LabelProjectException">
    /// The file is broken, of a newer version or another program's; it is left as it is, and the last backup is named.
    /// </exception>
    /// <exception cref="IOException">The folder or the file cannot be read or written.</exception>
    public static LabelProject Open(string folder, string? file = null, IEnumerable<string>? classes = null, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        folder = Path.GetFullPath(folder);
        if (!Directory.Exists(folder))
            throw new LabelProjectException($"{folder}: there is no such folder");
        file = Path.GetFullPath(file ?? Path.Combine(folder, FileName));
        bool isNew = !System.IO.File.Exists(file);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, ForeignKeys = true, Pooling = false }.ToString());
        try
        {
            connection.Open();
            if (!isNew)
                ProjectSchemaCheck(connection, file);
            using (SqliteCommand command = connection.CreateCommand())
            {
                // Whoever is told that a change is saved finds it after a power cut.
                command.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000";
                command.ExecuteNonQuery();
            }

            if (!isNew)
                Backup(connection, file);
            ProjectSchema.Migrate(connection, file);
            var project = new LabelProject(folder, file, connection, time ?? TimeProvider.System);
            foreach (string name in classes ?? [])
                project.RequireClass(name);
            return project;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw Explain(e, file);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        lock (_gate)
            _connection.Dispose();
    }

    internal IReadOnlyList<ClassDocument> Classes() => Locked(ReadClasses);

    internal CountsDocument Counts() => Locked(() =>
    {
        using SqliteDataReader row = Query(
            """
            SELECT count(*), coalesce(sum(state = 'todo'), 0), coalesce(sum(state = 'done'), 0), coalesce(sum(state = 'checked'), 0),
                coalesce(sum(state = 'rejected'), 0), coalesce(sum(status = 'missing'), 0), (SELECT count(*) FROM objects),
                coalesce(sum(seconds), 0) FROM pictures
            """);
        row.Read();
        return new CountsDocument(
            row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetDouble(7));
    });

    /// <summary>Adds a class, or gives the one of that name.</summary>
    internal ClassDocument AddClass(ClassRequest request) => Locked(() => Changing(() =>
    {
        string name = RequireName(request.Name);
        if (ReadClasses().FirstOrDefault(c => c.Name == name) is { } there)
            return there;
        Execute(
            "INSERT INTO classes (name, color, key) VALUES ($name, $color, $key)", ("$name", name),
            ("$color", RequireColor(request.Color) ?? ColorFor(name)), ("$key", (object?)RequireKey(request.Key, null) ?? DBNull.Value));
        return ReadClasses().Single(c => c.Name == name);
    }));

    internal ClassDocument ChangeClass(long id, ClassRequest request) => Locked(() => Changing(() =>
    {
        ClassDocument before = ReadClasses().FirstOrDefault(c => c.Id == id) ?? throw new LabelRequestException(404, $"there is no class {id}");
        string name = request.Name is null ? before.Name : RequireName(request.Name);
        if (ReadClasses().Any(c => c.Name == name && c.Id != id))
            throw new LabelRequestException(409, $"another class is called '{name}'");
        string? key = request.Key is null ? before.Key : RequireKey(request.Key, id);
        Execute(
            "UPDATE classes SET name = $name, color = $color, key = $key WHERE id = $id", ("$id", id), ("$name", name),
            ("$color", RequireColor(request.Color) ?? before.Color), ("$key", (object?)key ?? DBNull.Value));
        return ReadClasses().Single(c => c.Id == id);
    }));

    /// <summary>Removes a class; its objects become those of another, if one is named.</summary>
    internal void RemoveClass(long id, long? to) => Locked(() => Changing(() =>
    {
        IReadOnlyList<ClassDocument> classes = ReadClasses();
        ClassDocument before = classes.FirstOrDefault(c => c.Id == id) ?? throw new LabelRequestException(404, $"there is no class {id}");
        if (to is { } target)
        {
            if (target == id || classes.All(c => c.Id != target))
                throw new LabelRequestException(422, $"there is no other class {target}");
            Execute("UPDATE objects SET class_id = $to WHERE class_id = $id", ("$id", id), ("$to", target));
        }
        else if (before.Objects > 0)
        {
            throw new LabelRequestException(409, $"{before.Objects} objects are of class '{before.Name}': say which class they become");
        }

        Execute("DELETE FROM classes WHERE id = $id", ("$id", id));
        return true;
    }));

    /// <summary>A part of the pictures, by name.</summary>
    internal PicturesDocument Pictures(PictureFilter filter, long offset, int limit, Func<long, IReadOnlyList<string>> openBy) => Locked(() =>
    {
        (string where, (string, object)[] values) = filter.ToSql();
        using SqliteCommand count = Command($"SELECT count(*) FROM pictures p WHERE {where}", values);
        long total = (long)count.ExecuteScalar()!;
        using SqliteDataReader rows = Query(
            $"""
            SELECT p.id, p.path, p.width, p.height, p.state, p.comment, (SELECT count(*) FROM objects o WHERE o.picture_id = p.id), p.version, p.status
            FROM pictures p WHERE {where} ORDER BY p.path LIMIT $limit OFFSET $offset
            """,
            [.. values, ("$limit", Math.Clamp(limit, 1, 1000)), ("$offset", Math.Max(0, offset))]);
        var pictures = new List<PictureDocument>();
        while (rows.Read())
        {
            pictures.Add(new PictureDocument(
                rows.GetInt64(0), rows.GetString(1), rows.GetInt32(2), rows.GetInt32(3), rows.GetString(4), rows.GetString(5), rows.GetInt64(6),
                rows.GetInt64(7), rows.GetString(8), openBy(rows.GetInt64(0))));
        }

        return new PicturesDocument(total, pictures);
    });

    /// <summary>The first picture behind another that fits, from the start again at the end; null where none does.</summary>
    internal NextDocument? Next(long after, PictureFilter filter) => Locked(() =>
    {
        (string where, (string, object)[] values) = filter.ToSql();
        object? from = Command("SELECT path FROM pictures WHERE id = $id", ("$id", after)).ExecuteScalar();
        object? id = Command(
            $"SELECT p.id FROM pictures p WHERE {where} AND p.id <> $after ORDER BY p.path <= $path, p.path LIMIT 1",
            [.. values, ("$after", after), ("$path", from ?? "")]).ExecuteScalar();
        if (id is not long next)
            return null;
        long index = (long)Command(
            $"SELECT count(*) FROM pictures p WHERE {where} AND p.path < (SELECT path FROM pictures WHERE id = $next)",
            [.. values, ("$next", next)]).ExecuteScalar()!;
        return new NextDocument(next, index);
    });

    /// <summary>A picture with its objects.</summary>
    internal OpenedDocument Picture(long id, IReadOnlyList<string> openBy) => Locked(() =>
    {
        PictureRow picture = RequirePicture(id);
        (bool undo, bool redo) = CanUndoRedo(id);
        return new OpenedDocument(
            id, picture.Path, picture.Width, picture.Height, picture.State, picture.Comment, picture.Version, picture.Status, openBy, Objects(id),
            undo, redo);
    });

    /// <summary>Where a picture's file lies.</summary>
    internal (string Path, int Width, int Height) PlaceOf(long id) => Locked(() =>
    {
        PictureRow picture = RequirePicture(id);
        return (Path.Combine(Folder, picture.Path), picture.Width, picture.Height);
    });

    /// <summary>What was done to a picture, the last first.</summary>
    internal HistoryDocument History(long id) => Locked(() =>
    {
        RequirePicture(id);
        using SqliteDataReader rows = Query(
            "SELECT version, how, who, at, undone FROM history WHERE picture_id = $id ORDER BY id DESC LIMIT 500", ("$id", id));
        var entries = new List<HistoryEntry>();
        while (rows.Read())
            entries.Add(new HistoryEntry(rows.GetInt64(0), rows.GetString(1), rows.GetString(2), Time(rows.GetString(3)), rows.GetInt64(4) != 0));
        return new HistoryDocument(entries);
    });

    /// <summary>Makes changes, all or none; they are on the disk when this returns.</summary>
    internal ChangesDocument Change(long id, ChangesRequest request, string who) => Locked(() => Changing(() =>
    {
        PictureRow picture = RequireVersion(id, request.BaseVersion);
        if (request.Changes is not { Count: > 0 and <= MaxChanges } changes)
            throw new LabelRequestException(422, $"no changes, or more than {MaxChanges}");
        if (!double.IsFinite(request.Seconds) || request.Seconds < 0)
            throw new LabelRequestException(422, "the seconds are no time");
        var steps = new List<HistoryStep>(changes.Count);
        foreach (ChangeRequest change in changes)
            steps.Add(Make(picture, change, who));
        Execute("DELETE FROM history WHERE picture_id = $id AND undone = 1", ("$id", id));
        long version = picture.Version + 1;
        Execute(
            "INSERT INTO history (picture_id, version, how, who, at, steps) VALUES ($id, $version, $how, $who, $at, $steps)", ("$id", id),
            ("$version", version), ("$how", Short(request.How ?? changes[0].Op)), ("$who", who), ("$at", Now()),
            ("$steps", JsonSerializer.Serialize([.. steps], Json.HistoryStepArray)));
        Execute(
            "UPDATE pictures SET version = $version, seconds = seconds + $seconds WHERE id = $id", ("$id", id), ("$version", version),
            ("$seconds", Math.Min(request.Seconds, 3600)));
        return After(id);
    }));

    /// <summary>Takes the last change of a picture back.</summary>
    internal ChangesDocument Undo(long id, long baseVersion) => Again(id, baseVersion, undo: true);

    /// <summary>Makes the last change that was taken back again.</summary>
    internal ChangesDocument Redo(long id, long baseVersion) => Again(id, baseVersion, undo: false);

    private ChangesDocument Again(long id, long baseVersion, bool undo) => Locked(() => Changing(() =>
    {
        PictureRow picture = RequireVersion(id, baseVersion);
        using SqliteDataReader row = Query(
            undo ? "SELECT id, steps FROM history WHERE picture_id = $id AND undone = 0 ORDER BY id DESC LIMIT 1"
                : "SELECT id, steps FROM history WHERE picture_id = $id AND undone = 1 ORDER BY id LIMIT 1", ("$id", id));
        if (!row.Read())
            throw new LabelRequestException(422, undo ? "there is nothing to undo" : "there is nothing to redo");
        long entry = row.GetInt64(0);
        HistoryStep[] steps = JsonSerializer.Deserialize(row.GetString(1), Json.HistoryStepArray)!;
        row.Close();
        foreach (HistoryStep step in undo ? steps.Reverse() : steps)
        {
            (ObjectDocument? from, ObjectDocument? to) = undo ? (step.After, step.Before) : (step.Before, step.After);
            if (from is not null)
                Execute("DELETE FROM objects WHERE id = $id", ("$id", from.Id));
            if (to is not null)
                Insert(id, to);
            if ((undo ? step.StateBefore : step.StateAfter) is [var state, var comment])
                Execute("UPDATE pictures SET state = $state, comment = $comment WHERE id = $id", ("$id", id), ("$state", state), ("$comment", comment));
        }

        Execute("UPDATE history SET undone = $undone WHERE id = $id", ("$id", entry), ("$undone", undo ? 1 : 0));
        Execute("UPDATE pictures SET version = $version WHERE id = $id", ("$id", id), ("$version", picture.Version + 1));
        return After(id);
    }));

    private HistoryStep Make(PictureRow picture, ChangeRequest change, string who)
    {
        switch (change.Op)
        {
            case "add":
                ObjectRequest wanted = change.Object ?? throw new LabelRequestException(422, "'add' without an object");
                var added = new ObjectDocument(
                    0, RequireClassId(wanted.ClassId ?? 0), RequireMask(wanted.Rle, picture), RequireAttributes(wanted.Attributes) ?? [],
                    RequireMade(wanted.Made) ?? "edit", who, Time(Now()), RequireScore(wanted.Score));
                return new HistoryStep(null, added with { Id = Insert(picture.Id, added) });
            case "update":
                ObjectDocument before = RequireObject(picture.Id, change.Id);
                ObjectRequest to = change.Object ?? throw new LabelRequestException(422, "'update' without an object");
                ObjectDocument after = before with
                {
                    ClassId = to.ClassId is { } classId ? RequireClassId(classId) : before.ClassId,
                    Rle = to.Rle is null ? before.Rle : RequireMask(to.Rle, picture),
                    Attributes = RequireAttributes(to.Attributes) ?? before.Attributes,
                    Made = RequireMade(to.Made) ?? before.Made, Score = RequireScore(to.Score) ?? before.Score, Who = who, When = Time(Now()),
                };
                Execute("DELETE FROM objects WHERE id = $id", ("$id", before.Id));
                Insert(picture.Id, after);
                return new HistoryStep(before, after);
            case "remove":
                ObjectDocument removed = RequireObject(picture.Id, change.Id);
                Execute("DELETE FROM objects WHERE id = $id", ("$id", removed.Id));
                return new HistoryStep(removed, null);
            case "state":
                string[] was = StateOf(picture.Id);
                string state = change.State ?? was[0], comment = Short(change.Comment ?? was[1]);
                if (!PictureStates.All.Contains(state))
                    throw new LabelRequestException(422, $"'{Short(state)}' is no state: {string.Join(", ", PictureStates.All)}");
                Execute("UPDATE pictures SET state = $state, comment = $comment WHERE id = $id", ("$id", picture.Id), ("$state", state), ("$comment", comment));
                return new HistoryStep(null, null, was, [state, comment]);
            default:
                throw new LabelRequestException(422, $"'{Short(change.Op ?? "")}' is no change: add, update, remove, state");
        }
    }

    private long Insert(long picture, ObjectDocument o)
    {
        Execute(
            """
            INSERT INTO objects (id, picture_id, class_id, height, width, counts, attributes, made, who, at, score)
            VALUES ($id, $picture, $class, $height, $width, $counts, $attributes, $made, $who, $at, $score)
            """,
            ("$id", o.Id == 0 ? DBNull.Value : o.Id), ("$picture", picture), ("$class", RequireClassId(o.ClassId)), ("$height", o.Rle.Size[0]),
            ("$width", o.Rle.Size[1]), ("$counts", o.Rle.Counts), ("$attributes", JsonSerializer.Serialize(o.Attributes, Json.DictionaryStringString)),
            ("$made", o.Made), ("$who", o.Who), ("$at", Text(o.When)), ("$score", (object?)o.Score ?? DBNull.Value));
        return o.Id == 0 ? (long)Command("SELECT last_insert_rowid()").ExecuteScalar()! : o.Id;
    }

    private ChangesDocument After(long id)
    {
        PictureRow picture = RequirePicture(id);
        (bool undo, bool redo) = CanUndoRedo(id);
        return new ChangesDocument(picture.Version, Objects(id), picture.State, picture.Comment, undo, redo);
    }

    private (bool Undo, bool Redo) CanUndoRedo(long id)
    {
        using SqliteDataReader row = Query(
            """
            SELECT EXISTS (SELECT 1 FROM history WHERE picture_id = $id AND undone = 0), EXISTS (SELECT 1 FROM history WHERE picture_id = $id AND undone = 1)
            """,
            ("$id", id));
        row.Read();
        return (row.GetInt64(0) != 0, row.GetInt64(1) != 0);
    }

    private List<ObjectDocument> Objects(long picture)
    {
        using SqliteDataReader rows = Query(
            "SELECT id, class_id, height, width, counts, attributes, made, who, at, score FROM objects WHERE picture_id = $id ORDER BY id", ("$id", picture));
        var objects = new List<ObjectDocument>();
        while (rows.Read())
            objects.Add(ReadObject(rows));
        return objects;
    }

    private static ObjectDocument ReadObject(SqliteDataReader row) => new(
        row.GetInt64(0), row.GetInt64(1), new RleDocument([row.GetInt32(2), row.GetInt32(3)], row.GetString(4)),
        JsonSerializer.Deserialize(row.GetString(5), Json.DictionaryStringString) ?? [], row.GetString(6), row.GetString(7), Time(row.GetString(8)),
        row.IsDBNull(9) ? null : row.GetDouble(9));

    private ObjectDocument RequireObject(long picture, long? id)
    {
        using SqliteDataReader row = Query(
            "SELECT id, class_id, height, width, counts, attributes, made, who, at, score FROM objects WHERE id = $id AND picture_id = $picture",
            ("$id", id ?? 0), ("$picture", picture));
        return row.Read() ? ReadObject(row) : throw new LabelRequestException(404, $"the picture has no object {id}");
    }

    private List<ClassDocument> ReadClasses()
    {
        using SqliteDataReader rows = Query(
            "SELECT id, name, color, key, (SELECT count(*) FROM objects o WHERE o.class_id = c.id) FROM classes c ORDER BY id");
        var classes = new List<ClassDocument>();
        while (rows.Read())
            classes.Add(new ClassDocument(rows.GetInt64(0), rows.GetString(1), rows.GetString(2), rows.IsDBNull(3) ? null : rows.GetString(3), rows.GetInt64(4)));
        return classes;
    }

    private long RequireClass(string name)
    {
        name = RequireName(name);
        if (Command("SELECT id FROM classes WHERE name = $name", ("$name", name)).ExecuteScalar() is long id)
            return id;
        string[] taken = [.. ReadClasses().Select(c => c.Key).OfType<string>()];
        string? key = Enumerable.Range(1, 9).Select(i => i.ToString(CultureInfo.InvariantCulture)).FirstOrDefault(k => !taken.Contains(k));
        Execute(
            "INSERT INTO classes (name, color, key) VALUES ($name, $color, $key)", ("$name", name), ("$color", ColorFor(name)),
            ("$key", (object?)key ?? DBNull.Value));
        return (long)Command("SELECT last_insert_rowid()").ExecuteScalar()!;
    }

    private long RequireClassId(long id)
        => Command("SELECT id FROM classes WHERE id = $id", ("$id", id)).ExecuteScalar() is long there
            ? there : throw new LabelRequestException(422, $"there is no class {id}: it was removed, or never there");

    private PictureRow RequirePicture(long id)
    {
        using SqliteDataReader row = Query(
            "SELECT id, path, width, height, state, comment, version, status FROM pictures WHERE id = $id", ("$id", id));
        return row.Read()
            ? new PictureRow(
                row.GetInt64(0), row.GetString(1), row.GetInt32(2), row.GetInt32(3), row.GetString(4), row.GetString(5), row.GetInt64(6), row.GetString(7))
            : throw new LabelRequestException(404, $"there is no picture {id}");
    }

    private PictureRow RequireVersion(long id, long version)
    {
        PictureRow picture = RequirePicture(id);
        if (picture.Version == version)
            return picture;
        using SqliteDataReader row = Query("SELECT who, at FROM history WHERE picture_id = $id ORDER BY id DESC LIMIT 1", ("$id", id));
        (string by, DateTime when) = row.Read() ? (row.GetString(0), Time(row.GetString(1))) : ("", Time(Now()));
        row.Close();
        throw new ProjectConflictException(new ConflictDocument(
            "about:blank", "Conflict", 409,
            $"the picture was changed{(by.Length > 0 ? $" by {by}" : "")} since it was opened; nothing was written", "stale_version", picture.Version, by,
            when, Objects(id)));
    }

    private string[] StateOf(long id)
    {
        PictureRow picture = RequirePicture(id);
        return [picture.State, picture.Comment];
    }

    private static RleDocument RequireMask(RleDocument? rle, PictureRow picture)
    {
        if (rle is not { Size: [var height, var width], Counts: { } counts })
            throw new LabelRequestException(422, "an object without a mask: rle has size and counts");
        if (height != picture.Height || width != picture.Width)
            throw new LabelRequestException(422, $"a mask of {width}x{height} for a picture of {picture.Width}x{picture.Height}");
        try
        {
            Rle mask = Rle.FromCompressed(counts, height, width);
            return mask.Area > 0 ? rle with { Counts = mask.ToCompressed() } : throw new LabelRequestException(422, "an empty mask");
        }
        catch (FormatException e)
        {
            throw new LabelRequestException(422, $"a mask that cannot be read: {e.Message}");
        }
    }

    private static string RequireName(string? name)
        => name?.Trim() is { Length: > 0 and <= 100 } trimmed && !trimmed.Any(char.IsControl)
            ? trimmed : throw new LabelRequestException(422, "a class needs a name of 1 to 100 characters");

    private static string? RequireColor(string? color)
        => color is null || (color.Length == 7 && color[0] == '#' && color.AsSpan(1).IndexOfAnyExcept("0123456789abcdefABCDEF") < 0)
            ? color?.ToLowerInvariant() : throw new LabelRequestException(422, "a colour is #rrggbb");

    /// <summary>An empty key takes the key away.</summary>
    private string? RequireKey(string? key, long? own)
    {
        if (key is null or "")
            return null;
        if (key is not [>= '1' and <= '9'])
            throw new LabelRequestException(422, "a key is one of 1 to 9");
        return ReadClasses().FirstOrDefault(c => c.Key == key && c.Id != own) is { } other
            ? throw new LabelRequestException(409, $"key {key} is that of '{other.Name}'") : key;
    }

    private static Dictionary<string, string>? RequireAttributes(Dictionary<string, string>? attributes)
        => attributes is null || (attributes.Count <= 50 && attributes.All(a => a.Key.Length <= 100 && a.Value is { Length: <= MaxText }))
            ? attributes : throw new LabelRequestException(422, "at most 50 attributes of 2000 characters");

    private static string? RequireMade(string? made) => made is null || PictureStates.Made.Contains(made)
        ? made : throw new LabelRequestException(422, $"'{Short(made)}' is no way to make a mask: {string.Join(", ", PictureStates.Made)}");

    private static double? RequireScore(double? score)
        => score is null or (>= 0 and <= 1) ? score : throw new LabelRequestException(422, "a score is from 0 to 1");

    private static string Short(string text) => text.Length <= MaxText ? text : text[..MaxText];

    /// <summary>Colours that are told apart on photos, chosen by the name so that a class has the same everywhere.</summary>
    private static string ColorFor(string name)
    {
        ReadOnlySpan<string> colors = ["#e6194b", "#3cb44b", "#ffe119", "#4363d8", "#f58231", "#911eb4", "#42d4f4", "#f032e6", "#bfef45", "#fabed4", "#469990", "#9a6324"];
        uint hash = 2166136261;
        foreach (char c in name)
            hash = (hash ^ c) * 16777619;
        return colors[(int)(hash % (uint)colors.Length)];
    }

    private string Now() => Text(_time.GetUtcNow().UtcDateTime);

    private static string Text(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private static DateTime Time(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);

    private T Locked<T>(Func<T> work)
    {
        lock (_gate)
        {
            try
            {
                return work();
            }
            catch (SqliteException e)
            {
                throw Explain(e, File);
            }
        }
    }

    private T Changing<T>(Func<T> work)
    {
        using SqliteTransaction transaction = _connection.BeginTransaction();
        T result = work();
        transaction.Commit();
        return result;
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach ((string name, object value) in values)
            command.Parameters.AddWithValue(name, value);
        return command;
    }

    private void Execute(string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        using SqliteCommand command = Command(sql, values);
        command.ExecuteNonQuery();
    }

    private SqliteDataReader Query(string sql, params ReadOnlySpan<(string Name, object Value)> values) => Command(sql, values).ExecuteReader();

    /// <summary>Looks whether the file can be read at all, before anything is written to it.</summary>
    private static void ProjectSchemaCheck(SqliteConnection connection, string file)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA schema_version";
        command.ExecuteScalar();
        using SqliteCommand check = connection.CreateCommand();
        check.CommandText = "PRAGMA quick_check(1)";
        if (check.ExecuteScalar() is not "ok")
            throw new LabelProjectException($"{file}: is broken; {BackupLine(file)}");
    }

    /// <summary>Keeps the file as it was when it was opened, beside it.</summary>
    private static void Backup(SqliteConnection connection, string file)
    {
        string backup = file + BackupEnding, part = backup + ".part";
        System.IO.File.Delete(part);
        using (SqliteCommand command = connection.CreateCommand())
        {
            command.CommandText = "VACUUM INTO $file";
            command.Parameters.AddWithValue("$file", part);
            command.ExecuteNonQuery();
        }

        System.IO.File.Move(part, backup, overwrite: true);
    }

    private static string BackupLine(string file)
        => System.IO.File.Exists(file + BackupEnding) ? $"the last backup is {file + BackupEnding}" : "there is no backup of it";

    private static LabelProjectException Explain(SqliteException e, string file) => e.SqliteErrorCode switch
    {
        11 or 26 => new LabelProjectException($"{file}: is broken or no project ({e.Message}); it was left as it is; {BackupLine(file)}", e),
        13 => new LabelProjectException($"{file}: the disk is full; the change was not saved", e),
        5 or 6 => new LabelProjectException($"{file}: another program is writing to it; the change was not saved", e),
        8 => new LabelProjectException($"{file}: cannot be written (it is read-only)", e),
        14 => new LabelProjectException($"{file}: cannot be opened", e),
        _ => new LabelProjectException($"{file}: {e.Message}", e),
    };

    private sealed record PictureRow(
        long Id, string Path, int Width, int Height, string State, string Comment, long Version, string Status);
}
