using System.Data;
using System.Globalization;

namespace PocketSam.Labelling.Storage;

/// <summary>The tables of a project, as numbered migrations. A released migration never changes.</summary>
internal static class Schema
{
    /// <summary>The version of the schema that this program writes.</summary>
    public static int Version => Steps.Length;

    private static readonly string[] Steps =
    [
        """
        CREATE TABLE classes (
            id {identity}, name TEXT NOT NULL, color TEXT NOT NULL, shortcut TEXT, removed BIGINT NOT NULL DEFAULT 0, replaced_by BIGINT);
        CREATE UNIQUE INDEX classes_by_name ON classes (name) WHERE removed = 0;
        CREATE TABLE pictures (
            id {identity}, path {ordered} NOT NULL UNIQUE, sort_key {ordered} NOT NULL, folded TEXT NOT NULL,
            hash TEXT NOT NULL, bytes BIGINT NOT NULL, modified BIGINT NOT NULL, width BIGINT NOT NULL, height BIGINT NOT NULL,
            status TEXT NOT NULL DEFAULT 'here', state TEXT NOT NULL DEFAULT 'todo', comment TEXT NOT NULL DEFAULT '',
            version BIGINT NOT NULL DEFAULT 0, seconds DOUBLE PRECISION NOT NULL DEFAULT 0,
            changed_by TEXT NOT NULL DEFAULT '', changed_at TEXT NOT NULL DEFAULT '');
        CREATE INDEX pictures_in_order ON pictures (sort_key, path);
        CREATE INDEX pictures_by_state ON pictures (state, sort_key, path);
        CREATE INDEX pictures_by_hash ON pictures (hash);
        CREATE TABLE objects (
            id {identity}, picture_id BIGINT NOT NULL REFERENCES pictures (id) ON DELETE CASCADE,
            class_id BIGINT NOT NULL REFERENCES classes (id), height BIGINT NOT NULL, width BIGINT NOT NULL, counts TEXT NOT NULL,
            attributes TEXT NOT NULL, made TEXT NOT NULL, who TEXT NOT NULL, made_at TEXT NOT NULL, score DOUBLE PRECISION);
        CREATE INDEX objects_of_picture ON objects (picture_id, class_id);
        CREATE INDEX objects_of_class ON objects (class_id);
        CREATE TABLE history (
            id {identity}, picture_id BIGINT NOT NULL REFERENCES pictures (id) ON DELETE CASCADE, version BIGINT NOT NULL,
            how TEXT NOT NULL, who TEXT NOT NULL, made_at TEXT NOT NULL, seconds DOUBLE PRECISION NOT NULL,
            undone BIGINT NOT NULL DEFAULT 0, changes TEXT NOT NULL);
        CREATE INDEX history_of_picture ON history (picture_id, undone, id);
        CREATE TABLE proposals (
            id {identity}, picture_id BIGINT NOT NULL REFERENCES pictures (id) ON DELETE CASCADE, source TEXT NOT NULL,
            state TEXT NOT NULL DEFAULT 'open', height BIGINT NOT NULL, width BIGINT NOT NULL, counts TEXT NOT NULL,
            score DOUBLE PRECISION NOT NULL, class_id BIGINT REFERENCES classes (id), sure BIGINT NOT NULL DEFAULT 0);
        CREATE INDEX proposals_of_picture ON proposals (picture_id, state);
        CREATE TABLE proposed (
            picture_id BIGINT PRIMARY KEY REFERENCES pictures (id) ON DELETE CASCADE, hash TEXT NOT NULL, model TEXT NOT NULL);
        """,
        """
        ALTER TABLE proposals ADD COLUMN guess DOUBLE PRECISION;
        """,
    ];

    /// <summary>Checks that the database is a project, of a version that this program knows.</summary>
    /// <exception cref="DataException">It is not; the message says why.</exception>
    public static async Task<bool> RequireReadableAsync(DbSession session)
    {
        long? version = await VersionOfAsync(session);
        if (version is null)
            throw new DataException("no labelling project (a database of something else)");
        if (version > Version)
        {
            throw new DataException(string.Create(
                CultureInfo.InvariantCulture, $"a project of version {version}, where this program knows versions up to {Version}: take a newer program"));
        }

        return true;
    }

    /// <summary>Runs the migrations that are missing, all or none.</summary>
    public static Task MigrateAsync(ProjectDatabase database) => database.WriteAsync(async session =>
    {
        await database.LockSchemaAsync(session);
        if (!await database.HasTableAsync(session, "project"))
        {
            await session.ExecuteAsync("CREATE TABLE project (name TEXT PRIMARY KEY, value TEXT NOT NULL)");
            await session.ExecuteAsync("INSERT INTO project (name, value) VALUES ('schema', '0')");
        }

        for (long version = await VersionOfAsync(session) ?? 0; version < Version; version++)
        {
            string step = Steps[version].Replace("{identity}", database.IdentityColumn, StringComparison.Ordinal)
                .Replace("{ordered}", database.OrderedText, StringComparison.Ordinal);
            await session.ExecuteAsync(step);
            await session.ExecuteAsync(
                "UPDATE project SET value = @version WHERE name = 'schema'",
                ("version", (version + 1).ToString(CultureInfo.InvariantCulture)));
        }
    });

    private static async Task<long?> VersionOfAsync(DbSession session)
    {
        if (!await session.Database.HasTableAsync(session, "project"))
            return null;
        List<string> found = await session.QueryAsync("SELECT value FROM project WHERE name = 'schema'", reader => reader.GetString(0));
        return found is [var text] && long.TryParse(text, CultureInfo.InvariantCulture, out long version) && version >= 0 ? version : null;
    }
}
