using System.Globalization;
using System.Text.Json;
using PocketSam.Labelling.Api;

namespace PocketSam.Labelling.Storage;

/// <summary>Changes objects and states of pictures, with a history to undo and redo.</summary>
internal static class ChangeLog
{
    private const int MaxChanges = 20_000;
    private const int MaxObjects = 20_000;
    private const int MaxComment = 4_000;
    private const int MaxHow = 100;
    private const int MaxAttributes = 16 << 10;
    private const double MaxSeconds = 24 * 60 * 60;

    private static readonly string[] States = ["todo", "done", "checked", "rejected"];
    private static readonly string[] Ways = ["click", "box", "brush", "polygon", "proposal", "import", "copy", "edit", "similar", "words"];

    /// <summary>
    /// States of an entry of the history. An undone entry becomes left behind when another change is made after the
    /// undo.
    /// </summary>
    private const long Done = 0, Undone = 1, LeftBehind = 2;

    /// <summary>Applies changes, all or none.</summary>
    /// <exception cref="LabelException">The picture has changed since the base version, or a change is invalid; nothing
    /// is then written.</exception>
    public static async Task<ChangesDocument> ApplyAsync(
        DbSession session, long pictureId, ChangesRequest request, string who, DateTimeOffset now)
    {
        StoredPicture picture = await PictureTable.GetAsync(session, pictureId, isWrite: true);
        await RequireVersionAsync(session, picture, request.BaseVersion);
        double seconds = request.Seconds ?? 0;
        if (!(seconds is >= 0 and <= MaxSeconds))
            throw LabelException.Invalid($"seconds: 0 to {MaxSeconds} are taken");
        if (request.Changes.Count > MaxChanges)
            throw LabelException.Invalid($"{request.Changes.Count} changes: at most {MaxChanges} are made at a time");
        var reader = new ChangeReader(session, picture, who, TimeText(now));
        List<StoredChange> changes = [];
        foreach ((int place, ChangeRequest? change) in request.Changes.Index())
            changes.Add(await reader.ReadAsync(place, change ?? throw LabelException.Invalid($"change {place}: null is none")));
        List<StoredChange> made = await MakeAsync(session, picture, changes);
        if (made.Count > 0)
        {
            string how = Words.Clean(request.How ?? "", MaxHow);
            await RecordAsync(session, picture.Id, made, how.Length > 0 ? how : "edit", who, now, seconds);
        }
        else if (seconds > 0)
        {
            await session.ExecuteAsync(
                "UPDATE pictures SET seconds = seconds + @seconds WHERE id = @id", ("seconds", seconds), ("id", picture.Id));
        }

        if (await session.NumberAsync("SELECT count(*) FROM objects WHERE picture_id = @id", ("id", picture.Id)) > MaxObjects)
            throw LabelException.Invalid($"a picture has at most {MaxObjects} objects");
        return await StateAsync(session, pictureId);
    }

    /// <summary>Adds imported objects, as one entry of the history.</summary>
    /// <returns>The number of objects added.</returns>
    public static async Task<int> ImportAsync(
        DbSession session, StoredPicture picture, IReadOnlyList<StoredObject> objects, string who, DateTimeOffset now)
    {
        List<StoredChange> made = await MakeAsync(session, picture, [.. objects.Select(thing => new StoredChange(After: thing))]);
        if (made.Count > 0)
            await RecordAsync(session, picture.Id, made, "import", who, now, seconds: 0);
        return made.Count;
    }

    /// <summary>Undoes the last entry, or redoes the last undone one.</summary>
    /// <exception cref="LabelException">The picture has changed since the base version, or there is nothing to undo or
    /// redo.</exception>
    public static async Task<ChangesDocument> StepAsync(
        DbSession session, long pictureId, long baseVersion, bool isUndo, string who, DateTimeOffset now)
    {
        StoredPicture picture = await PictureTable.GetAsync(session, pictureId, isWrite: true);
        await RequireVersionAsync(session, picture, baseVersion);
        string order = isUndo ? "DESC" : "ASC";
        List<(long Id, string Changes)> entries = await session.QueryAsync(
            $"SELECT id, changes FROM history WHERE picture_id = @picture AND undone = @undone ORDER BY id {order} LIMIT 1",
            row => (row.GetInt64(0), row.GetString(1)), ("picture", pictureId), ("undone", isUndo ? Done : Undone));
        if (entries is not [var entry])
            throw new LabelException(409, "nothing_there", isUndo ? "there is nothing to undo" : "there is nothing to make again");
        List<StoredChange> changes = JsonSerializer.Deserialize(entry.Changes, HistoryJson.Types.ListStoredChange)!;
        if (isUndo)
            changes = [.. changes.AsEnumerable().Reverse().Select(change => change.Reversed)];
        await MakeAsync(session, picture, changes, isUndo);
        await session.ExecuteAsync(
            "UPDATE history SET undone = @undone WHERE id = @id", ("undone", isUndo ? Undone : Done), ("id", entry.Id));
        await session.ExecuteAsync(
            "UPDATE pictures SET version = version + 1, changed_by = @who, changed_at = @now WHERE id = @id",
            ("who", who), ("now", TimeText(now)), ("id", pictureId));
        return await StateAsync(session, pictureId);
    }

    /// <summary>The entries of a picture that are done or undone, oldest first.</summary>
    public static async Task<HistoryDocument> HistoryAsync(DbSession session, long pictureId)
    {
        await PictureTable.GetAsync(session, pictureId);
        return new HistoryDocument(await session.QueryAsync(
            "SELECT version, how, who, made_at, undone FROM history WHERE picture_id = @id AND undone <> @left ORDER BY id",
            row => new HistoryEntryDocument(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt64(4) == Undone),
            ("id", pictureId), ("left", LeftBehind)));
    }

    /// <summary>Whether there are entries to undo, and to redo.</summary>
    public static async Task<(bool CanUndo, bool CanRedo)> CanStepAsync(DbSession session, long pictureId)
    {
        List<long> kinds = await session.QueryAsync(
            "SELECT DISTINCT undone FROM history WHERE picture_id = @id", row => row.GetInt64(0), ("id", pictureId));
        return (kinds.Contains(Done), kinds.Contains(Undone));
    }

    /// <summary>A time in UTC, ISO 8601 with milliseconds.</summary>
    public static string TimeText(DateTimeOffset time)
        => time.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private static async Task<ChangesDocument> StateAsync(DbSession session, long pictureId)
    {
        StoredPicture picture = await PictureTable.GetAsync(session, pictureId);
        List<StoredObject> objects = await PictureTable.ObjectsAsync(session, pictureId);
        (bool canUndo, bool canRedo) = await CanStepAsync(session, pictureId);
        return new ChangesDocument(
            picture.Version, [.. objects.Select(thing => thing.ToDocument())], picture.State, picture.Comment, canUndo, canRedo);
    }

    private static async Task RequireVersionAsync(DbSession session, StoredPicture picture, long baseVersion)
    {
        if (picture.Version == baseVersion)
            return;
        List<StoredObject> objects = await PictureTable.ObjectsAsync(session, picture.Id);
        ObjectDocument[] documents = [.. objects.Select(thing => thing.ToDocument())];
        string by = picture.ChangedBy.Length > 0 ? picture.ChangedBy : "somebody";
        throw new LabelException(
            409, "stale_version", $"{by} has changed the picture since: version {picture.Version}, and not {baseVersion}",
            json =>
            {
                json.WriteNumber("version", picture.Version);
                json.WriteString("by", picture.ChangedBy);
                json.WriteString("when", picture.ChangedAt);
                json.WritePropertyName("objects");
                JsonSerializer.Serialize(json, documents, LabelJson.Types.IReadOnlyListObjectDocument);
                json.WriteString("state", picture.State);
                json.WriteString("comment", picture.Comment);
            });
    }

    private static async Task RecordAsync(
        DbSession session, long pictureId, List<StoredChange> made, string how, string who, DateTimeOffset now, double seconds)
    {
        string when = TimeText(now);
        await session.ExecuteAsync(
            "UPDATE history SET undone = @left WHERE picture_id = @id AND undone = @undone",
            ("left", LeftBehind), ("id", pictureId), ("undone", Undone));
        await session.ExecuteAsync(
            """
            UPDATE pictures SET version = version + 1, seconds = seconds + @seconds, changed_by = @who, changed_at = @now WHERE id = @id
            """,
            ("seconds", seconds), ("who", who), ("now", when), ("id", pictureId));
        await session.ExecuteAsync(
            """
            INSERT INTO history (picture_id, version, how, who, made_at, seconds, changes)
            SELECT id, version, @how, @who, @now, @seconds, @changes FROM pictures WHERE id = @id
            """,
            ("how", how), ("who", who), ("now", when), ("seconds", seconds),
            ("changes", JsonSerializer.Serialize(made, HistoryJson.Types.ListStoredChange)), ("id", pictureId));
    }

    /// <summary>Applies changes in their order; returns them with the ids of new objects.</summary>
    private static async Task<List<StoredChange>> MakeAsync(
        DbSession session, StoredPicture picture, IReadOnlyList<StoredChange> changes, bool isUndo = false)
    {
        var made = new List<StoredChange>(changes.Count);
        foreach (StoredChange change in changes)
        {
            StoredChange done = change;
            if (change.After is { } after)
            {
                after = after with { ClassId = await ClassTable.ResolveAsync(session, after.ClassId) };
                after = after with { Id = await WriteAsync(session, picture.Id, after, isNew: change.Before is null) };
                done = change with { After = after };
            }
            else if (change.Before is { } before)
            {
                await session.ExecuteAsync("DELETE FROM objects WHERE id = @id AND picture_id = @picture", ("id", before.Id), ("picture", picture.Id));
            }

            if (change.StateAfter is { } state)
            {
                await session.ExecuteAsync(
                    "UPDATE pictures SET state = @state, comment = @comment, status = CASE WHEN status = 'changed' THEN 'here' ELSE status END WHERE id = @id",
                    ("state", state.State), ("comment", state.Comment), ("id", picture.Id));
            }

            if (change.Proposal is { } proposal)
            {
                await session.ExecuteAsync(
                    "UPDATE proposals SET state = @state WHERE id = @id AND picture_id = @picture",
                    ("state", isUndo ? "open" : "accepted"), ("id", proposal), ("picture", picture.Id));
            }

            made.Add(done);
        }

        return made;
    }

    /// <summary>
    /// Inserts or updates an object; returns its id. A new object with id 0 gets an id, a restored one keeps its own.
    /// </summary>
    private static async Task<long> WriteAsync(DbSession session, long pictureId, StoredObject thing, bool isNew)
    {
        (string, object?)[] values =
        [
            ("id", thing.Id), ("picture", pictureId), ("class", thing.ClassId), ("height", (long)thing.Height), ("width", (long)thing.Width),
            ("counts", thing.Counts), ("attributes", thing.Attributes), ("made", thing.Made), ("who", thing.Who), ("when", thing.When),
            ("score", thing.Score),
        ];
        if (isNew)
        {
            (string names, string places) = thing.Id == 0 ? ("", "") : ("id, ", "@id, ");
            return (await session.NumberAsync(
                $"""
                INSERT INTO objects ({names}picture_id, class_id, height, width, counts, attributes, made, who, made_at, score)
                VALUES ({places}@picture, @class, @height, @width, @counts, @attributes, @made, @who, @when, @score) RETURNING id
                """,
                thing.Id == 0 ? values[1..] : values))!.Value;
        }

        await session.ExecuteAsync(
            """
            UPDATE objects SET class_id = @class, height = @height, width = @width, counts = @counts, attributes = @attributes,
                made = @made, who = @who, made_at = @when, score = @score WHERE id = @id AND picture_id = @picture
            """,
            values);
        return thing.Id;
    }

    /// <summary>Converts requested changes to stored ones, each on the result of those before.</summary>
    private sealed class ChangeReader(DbSession session, StoredPicture picture, string who, string when)
    {
        private readonly Dictionary<long, StoredObject?> _objects = [];
        private readonly HashSet<long> _classes = [];
        private StoredState _state = new(picture.State, picture.Comment);

        public async Task<StoredChange> ReadAsync(int place, ChangeRequest change)
        {
            switch (change.Op)
            {
                case "add":
                    return new StoredChange(After: await AddedAsync(place, change), Proposal: await ProposalAsync(place, change.Proposal));
                case "update":
                {
                    StoredObject before = await ThereAsync(place, change.Id);
                    StoredObject after = await EditedAsync(place, before, change.Object ?? throw Wrong(place, "says no object"));
                    _objects[before.Id] = after;
                    return new StoredChange(before, after);
                }

                case "remove":
                {
                    StoredObject before = await ThereAsync(place, change.Id);
                    _objects[before.Id] = null;
                    return new StoredChange(Before: before);
                }

                case "state":
                {
                    string state = change.State ?? _state.State;
                    if (!States.Contains(state))
                        throw Wrong(place, $"state '{Words.Clean(state, 20)}': there are {string.Join(", ", States)}");
                    StoredState before = _state;
                    _state = new StoredState(state, Words.Require(change.Comment ?? _state.Comment, "the comment", MaxComment));
                    return new StoredChange(StateBefore: before, StateAfter: _state);
                }

                default:
                    throw Wrong(place, $"op '{Words.Clean(change.Op, 20)}': there are add, update, remove and state");
            }
        }

        private static LabelException Wrong(int place, string why) => LabelException.Invalid($"change {place}: {why}");

        private async Task<StoredObject> AddedAsync(int place, ChangeRequest change)
        {
            ObjectRequest wanted = change.Object ?? throw Wrong(place, "says no object");
            if (wanted.ClassId is null && change.Proposal is { } proposal)
            {
                wanted = wanted with
                {
                    ClassId = await session.NumberAsync(
                        "SELECT class_id FROM proposals WHERE id = @id AND picture_id = @picture", ("id", proposal), ("picture", picture.Id)),
                };
            }

            if (wanted.ClassId is null || wanted.Rle is null)
                throw Wrong(place, "a new object needs classId and rle");
            return await EditedAsync(place, new StoredObject(0, 0, 0, 0, "", "{}", "edit", who, when, null), wanted);
        }

        private async Task<StoredObject> EditedAsync(int place, StoredObject thing, ObjectRequest wanted)
        {
            if (wanted.ClassId is { } id)
            {
                if (!_classes.Contains(id) && !await ClassTable.IsThereAsync(session, id))
                    throw Wrong(place, $"the project has no class {id}");
                _classes.Add(id);
                thing = thing with { ClassId = id };
            }

            if (wanted.Rle is { } mask)
            {
                if ((mask.Width, mask.Height) != (picture.Width, picture.Height))
                    throw Wrong(place, $"a mask of {mask.Width}x{mask.Height} for a picture of {picture.Width}x{picture.Height}");
                if (mask.Area == 0)
                    throw Wrong(place, "the mask is empty");
                thing = thing with { Height = mask.Height, Width = mask.Width, Counts = mask.ToCompressed() };
            }

            if (wanted.Attributes is { } attributes)
            {
                if (attributes.ValueKind != JsonValueKind.Object)
                    throw Wrong(place, "attributes are an object");
                string text = Words.Require(attributes.GetRawText(), "attributes", MaxAttributes);
                thing = thing with { Attributes = text };
            }

            if (wanted.Made is { } made)
                thing = thing with { Made = Ways.Contains(made) ? made : throw Wrong(place, $"made '{Words.Clean(made, 20)}': there are {string.Join(", ", Ways)}") };
            if (wanted.Score is { } score)
                thing = thing with { Score = double.IsFinite(score) ? score : throw Wrong(place, "a score is a number") };
            return thing with { Who = who, When = when };
        }

        private async Task<StoredObject> ThereAsync(int place, long? id)
        {
            if (id is not { } known)
                throw Wrong(place, "says no id");
            if (!_objects.TryGetValue(known, out StoredObject? thing))
            {
                thing = await session.FirstAsync(
                    $"SELECT {StoredObject.Columns} FROM objects WHERE id = @id AND picture_id = @picture", StoredObject.Read,
                    ("id", known), ("picture", picture.Id));
            }

            return thing ?? throw Wrong(place, $"the picture has no object {known}");
        }

        private async Task<long?> ProposalAsync(int place, long? id)
        {
            if (id is not null && await session.NumberAsync(
                    "SELECT 1 FROM proposals WHERE id = @id AND picture_id = @picture", ("id", id), ("picture", picture.Id)) is null)
            {
                throw Wrong(place, $"the picture has no proposal {id}");
            }

            return id;
        }
    }
}
