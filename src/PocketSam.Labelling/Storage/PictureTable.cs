using PocketSam.Labelling.Api;

namespace PocketSam.Labelling.Storage;

/// <summary>Reads the pictures of a project.</summary>
internal static class PictureTable
{
    private const string Counted = $"""
        p.id, p.path, p.width, p.height, p.state, p.comment,
        (SELECT count(*) FROM objects o WHERE o.picture_id = p.id),
        (SELECT count(*) FROM proposals q WHERE q.picture_id = p.id AND q.state = 'open' AND q.source = '{ProposalTable.Everything}'), p.version, p.status
        """;

    /// <summary>A picture by its id.</summary>
    /// <param name="session">The session.</param>
    /// <param name="id">Its id.</param>
    /// <param name="isWrite">Whether to lock its row until the transaction ends.</param>
    /// <exception cref="LabelException">There is no such picture.</exception>
    public static async Task<StoredPicture> GetAsync(DbSession session, long id, bool isWrite = false)
        => await session.FirstAsync(
            $"SELECT {StoredPicture.Columns} FROM pictures WHERE id = @id{(isWrite ? session.Database.ForUpdate : "")}",
            StoredPicture.Read, ("id", id)) ?? throw LabelException.NoPicture(id);

    /// <summary>The objects of a picture, ordered by id.</summary>
    public static Task<List<StoredObject>> ObjectsAsync(DbSession session, long id) => session.QueryAsync(
        $"SELECT {StoredObject.Columns} FROM objects WHERE picture_id = @id ORDER BY id", StoredObject.Read, ("id", id));

    /// <summary>A page of the list.</summary>
    public static async Task<PicturesDocument> ListAsync(DbSession session, PictureFilter filter, long offset, long limit)
    {
        (string condition, (string, object?)[] values) = filter.ToSql();
        long total = await session.NumberAsync($"SELECT count(*) FROM pictures p WHERE {condition}", values) ?? 0;
        List<PictureDocument> page = await session.QueryAsync(
            $"SELECT {Counted} FROM pictures p WHERE {condition} ORDER BY p.sort_key, p.path LIMIT @limit OFFSET @offset",
            row => new PictureDocument(
                row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetString(4), row.GetString(5), row.GetInt64(6),
                row.GetInt64(7), row.GetInt64(8), row.GetString(9)),
            [.. values, ("limit", limit), ("offset", offset)]);
        return new PicturesDocument(total, page);
    }

    /// <summary>
    /// The next picture of the filtered list after <paramref name="after"/>; with a filter by state the search
    /// continues at the start of the list. Null if there is none.
    /// </summary>
    public static async Task<NextDocument?> NextAsync(DbSession session, PictureFilter filter, long? after)
    {
        (string condition, (string, object?)[] values) = filter.ToSql();
        condition += " AND p.status <> 'missing'";
        NextDocument? found = null;
        if (after is { } id)
        {
            (string Key, string Path) place = await PlaceAsync(session, id);
            found = await First(
                $"{condition} AND (p.sort_key > @key OR (p.sort_key = @key AND p.path > @path))", ("key", place.Key), ("path", place.Path));
            if (found is null && filter.State is not null)
                found = await First($"{condition} AND p.id <> @after", ("after", id));
        }
        else
        {
            found = await First(condition);
        }

        if (found is null)
            return null;
        (string Key, string Path) there = await PlaceAsync(session, found.Id);
        (string listed, _) = filter.ToSql();
        long index = await session.NumberAsync(
            $"SELECT count(*) FROM pictures p WHERE {listed} AND (p.sort_key < @key OR (p.sort_key = @key AND p.path < @path))",
            [.. values, ("key", there.Key), ("path", there.Path)]) ?? 0;
        return found with { Index = index };

        Task<NextDocument?> First(string where, params (string, object?)[] more) => session.FirstAsync(
            $"SELECT p.id FROM pictures p WHERE {where} ORDER BY p.sort_key, p.path LIMIT 1",
            row => new NextDocument(row.GetInt64(0), 0), [.. values, .. more]);
    }

    /// <summary>Numbers of pictures and objects.</summary>
    public static async Task<CountsDocument> CountsAsync(DbSession session)
    {
        var states = (await session.QueryAsync(
            "SELECT state, count(*), sum(seconds) FROM pictures GROUP BY state",
            row => (State: row.GetString(0), Count: row.GetInt64(1), Seconds: row.GetDouble(2)))).ToDictionary(row => row.State);
        long missing = await session.NumberAsync("SELECT count(*) FROM pictures WHERE status = 'missing'") ?? 0;
        long objects = await session.NumberAsync("SELECT count(*) FROM objects") ?? 0;
        long In(string state) => states.TryGetValue(state, out var found) ? found.Count : 0;
        return new CountsDocument(
            states.Values.Sum(state => state.Count), In("todo"), In("done"), In("checked"), In("rejected"), missing, objects,
            Math.Round(states.Values.Sum(state => state.Seconds), 1));
    }

    private static async Task<(string Key, string Path)> PlaceAsync(DbSession session, long id)
    {
        List<(string, string)> found = await session.QueryAsync(
            "SELECT sort_key, path FROM pictures WHERE id = @id", row => (row.GetString(0), row.GetString(1)), ("id", id));
        return found is [var place] ? place : throw LabelException.NoPicture(id);
    }
}
