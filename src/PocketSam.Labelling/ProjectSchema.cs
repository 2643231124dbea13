using Microsoft.Data.Sqlite;

namespace PocketSam.Labelling;

/// <summary>The tables of a project's file, and how files of older versions become those of today.</summary>
internal static class ProjectSchema
{
    /// <summary>Tells a project's file from other SQLite files: "PSLB".</summary>
    public const int ApplicationId = 0x50534C42;

    /// <summary>Each takes a file from its place in the list to the next version.</summary>
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE pictures (
            id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL UNIQUE, hash TEXT NOT NULL, bytes INTEGER NOT NULL,
            modified TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'todo',
            comment TEXT NOT NULL DEFAULT '', status TEXT NOT NULL DEFAULT 'here', version INTEGER NOT NULL DEFAULT 0,
            seconds REAL NOT NULL DEFAULT 0);
        CREATE INDEX pictures_by_hash ON pictures (hash);
        CREATE INDEX pictures_by_state ON pictures (state);
        CREATE TABLE classes (
            id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, color TEXT NOT NULL, key TEXT UNIQUE);
        CREATE TABLE objects (
            id INTEGER PRIMARY KEY AUTOINCREMENT, picture_id INTEGER NOT NULL REFERENCES pictures (id),
            class_id INTEGER NOT NULL REFERENCES classes (id), height INTEGER NOT NULL, width INTEGER NOT NULL, counts TEXT NOT NULL,
            attributes TEXT NOT NULL DEFAULT '{}', made TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL, score REAL);
        CREATE INDEX objects_by_picture ON objects (picture_id, id);
        CREATE INDEX objects_by_class ON objects (class_id);
        CREATE TABLE history (
            id INTEGER PRIMARY KEY AUTOINCREMENT, picture_id INTEGER NOT NULL REFERENCES pictures (id), version INTEGER NOT NULL,
            how TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL, undone INTEGER NOT NULL DEFAULT 0, steps TEXT NOT NULL);
        CREATE INDEX history_by_picture ON history (picture_id, id);
        """,
    ];

    /// <summary>The version that this program writes.</summary>
    public static int Version => Migrations.Length;

    /// <summary>Brings a file to today's version, in one transaction.</summary>
    /// <exception cref="LabelProjectException">It is of a newer version, or another program's.</exception>
    public static void Migrate(SqliteConnection connection, string path)
    {
        int version = Pragma(connection, "user_version"), application = Pragma(connection, "application_id");
        if (application != ApplicationId && (application != 0 || version != 0 || HasTables(connection)))
            throw new LabelProjectException($"{path}: is a database of another program; give another file with --project");
        if (version > Version)
        {
            throw new LabelProjectException(
                $"{path}: was written by a newer PocketSam (version {version} of the tables, this one knows {Version}); it was left as it is");
        }

        if (version == Version)
            return;
        using SqliteTransaction transaction = connection.BeginTransaction();
        for (int i = version; i < Version; i++)
            Run(connection, Migrations[i]);
        Run(connection, $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version}");
        transaction.Commit();
    }

    private static bool HasTables(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_master";
        return (long)command.ExecuteScalar()! > 0;
    }

    private static int Pragma(SqliteConnection connection, string name)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"PRAGMA {name}";
        return (int)(long)command.ExecuteScalar()!;
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
