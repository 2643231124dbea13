using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using PocketSam.Labelling.Api;

namespace PocketSam.Labelling.Storage;

/// <summary>
/// A project in an SQLite file. The write-ahead log is flushed at every commit (<c>synchronous=FULL</c>), so that an
/// acknowledged change survives a crash of the program or the machine.
/// </summary>
internal sealed class SqliteDatabase : ProjectDatabase
{
    /// <summary>The number of backups that are kept.</summary>
    private const int Backups = 3;

    private const int NotADatabase = 26, Corrupt = 11, Full = 13, ReadOnly = 8, CannotOpen = 14, Busy = 5, Locked = 6;

    private readonly string _path;
    private string _connection;
    private bool _isOpen;

    /// <param name="path">The file, which is created if it does not exist.</param>
    public SqliteDatabase(string path)
    {
        _path = Path.GetFullPath(path);
        _connection = Connection(SqliteOpenMode.ReadWriteCreate);
    }

    public override string Name => _path;

    public override string IdentityColumn => "INTEGER PRIMARY KEY AUTOINCREMENT";

    public override string OrderedText => "TEXT";

    public override string ForUpdate => "";

    /// <summary>The latest backup; older ones end in <c>.2</c> and <c>.3</c>.</summary>
    private string Backup => _path + ".bak";

    public override async Task PrepareAsync()
    {
        bool isNew = !File.Exists(_path) || new FileInfo(_path).Length == 0;
        try
        {
            if (!isNew)
            {
                await RequireSoundAsync();
                await ReadAsync(async session => await Schema.RequireReadableAsync(session));
                KeepBackup();
            }

            await using (DbConnection connection = await OpenAsync())
                await new DbSession(connection, null, this).ExecuteAsync("PRAGMA journal_mode=WAL");
            await Schema.MigrateAsync(this);

            // From here on a missing file has been removed, and must not be created.
            ClearPool();
            _connection = Connection(SqliteOpenMode.ReadWrite);
            _isOpen = true;
        }
        catch (Exception e) when (e is SqliteException or LabelException or DataException)
        {
            string reason = e is SqliteException error ? Explain(error).Message : e.Message;
            ClearPool();
            string backup = File.Exists(Backup) ? $"; the last copy of it is {Backup}" : "";
            throw new IOException($"{_path}: {reason}{backup}", e);
        }
    }

    public override async Task<bool> HasTableAsync(DbSession session, string table) => await session.NumberAsync(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = @name", ("name", table)) > 0;

    public override Task LockSchemaAsync(DbSession session) => Task.CompletedTask;

    public override bool TryCopyTo(string path)
    {
        try
        {
            using var source = new SqliteConnection(_connection);
            source.Open();
            using var target = new SqliteConnection(
                new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
            target.Open();
            source.BackupDatabase(target);
            return true;
        }
        catch (SqliteException e)
        {
            throw Explain(e);
        }
    }

    public override void Dispose()
    {
        ClearPool();
        base.Dispose();
    }

    protected override async Task<DbConnection> OpenAsync()
    {
        if (_isOpen && !File.Exists(_path))
        {
            // Data written to a deleted file would be lost when the process ends.
            ClearPool();
            throw LabelException.Unavailable($"{_path} is gone: nothing can be kept until it is back");
        }

        var connection = new SqliteConnection(_connection);
        try
        {
            await connection.OpenAsync();
            await using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA synchronous=FULL; PRAGMA busy_timeout=10000";
            await command.ExecuteNonQueryAsync();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    protected override ValueTask<DbTransaction> BeginAsync(DbConnection connection, IsolationLevel isolation, bool isWrite)
        => ValueTask.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: !isWrite));

    protected override LabelException Explain(DbException error) => LabelException.Unavailable(
        (error as SqliteException)?.SqliteErrorCode switch
        {
            NotADatabase => "no labelling project (it is not a database)",
            Corrupt => "the project's file is damaged",
            Full => "the disk is full: nothing of this was kept",
            ReadOnly => "the project's file cannot be written: nothing of this was kept",
            CannotOpen => "the project's file cannot be opened",
            Busy or Locked => "another program holds the project's file: nothing of this was kept",
            _ => $"the project's file fails: {error.Message}",
        }, error);

    protected override bool IsCollision(DbException error) => false;

    private string Connection(SqliteOpenMode mode) => new SqliteConnectionStringBuilder
    {
        DataSource = _path, ForeignKeys = true, Mode = mode, DefaultTimeout = 30, Pooling = true,
    }.ToString();

    private void ClearPool()
    {
        using var connection = new SqliteConnection(_connection);
        SqliteConnection.ClearPool(connection);
    }

    private async Task RequireSoundAsync()
    {
        await using DbConnection connection = await OpenAsync();
        var session = new DbSession(connection, null, this);
        List<string> found = await session.QueryAsync("PRAGMA quick_check(1)", reader => reader.GetString(0));
        if (found is not ["ok"])
            throw new DataException($"the project's file is damaged: {found.FirstOrDefault()?.ReplaceLineEndings(" ")}");
    }

    /// <summary>Copies the file before it is used, unless the latest backup is newer.</summary>
    private void KeepBackup()
    {
        DateTime changed = File.GetLastWriteTimeUtc(_path);
        if (File.Exists(_path + "-wal") && new FileInfo(_path + "-wal") is { Length: > 0 } log && log.LastWriteTimeUtc > changed)
            changed = log.LastWriteTimeUtc;
        if (File.Exists(Backup) && File.GetLastWriteTimeUtc(Backup) >= changed)
            return;
        string temporary = Backup + ".new";
        File.Delete(temporary);
        TryCopyTo(temporary);
        for (int i = Backups - 1; i >= 1; i--)
        {
            string newer = i == 1 ? Backup : $"{Backup}.{i}";
            if (File.Exists(newer))
                File.Move(newer, $"{Backup}.{i + 1}", overwrite: true);
        }

        File.Move(temporary, Backup, overwrite: true);
    }
}
