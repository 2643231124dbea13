using Npgsql;

namespace PocketSam.Labelling.Tests;

/// <summary>
/// A schema of its own in a PostgreSQL on the loopback interface: the one that <c>POCKETSAM_POSTGRES</c> names, as
/// <c>eng/with-postgres.sh</c> sets it, or user <c>postgres</c> at port 5432. Tests skip where none answers.
/// </summary>
internal sealed class PostgresSchema : IDisposable
{
    private static readonly string Server = Environment.GetEnvironmentVariable("POCKETSAM_POSTGRES") is { Length: > 0 } given
        ? given : "Host=127.0.0.1;Port=5432;Username=postgres";

    private static readonly Lazy<string?> Refusal = new(Try);
    private static int s_count;

    private readonly string _name = $"pocketsam_{Environment.ProcessId}_{Interlocked.Increment(ref s_count)}";

    public PostgresSchema()
    {
        Assert.SkipWhen(Refusal.Value is not null, $"no PostgreSQL answers ({Refusal.Value}); make test-all starts one where it can");
        Execute($"CREATE SCHEMA {_name}");
        Connection = new NpgsqlConnectionStringBuilder(Server) { SearchPath = _name }.ToString();
    }

    public string Connection { get; }

    public static void Execute(string sql, string? connection = null)
    {
        using NpgsqlDataSource source = NpgsqlDataSource.Create(connection ?? Server);
        using NpgsqlCommand command = source.CreateCommand(sql);
        command.ExecuteNonQuery();
    }

    /// <summary>A database of its own, which can be closed.</summary>
    public string CreateDatabase()
    {
        Execute($"CREATE DATABASE {_name}");
        return new NpgsqlConnectionStringBuilder(Server) { Database = _name }.ToString();
    }

    /// <summary>Throws everybody out of that database and lets nobody in, or lets them in again.</summary>
    public void SetOpen(bool isOpen)
    {
        Execute($"ALTER DATABASE {_name} ALLOW_CONNECTIONS {isOpen}");
        if (!isOpen)
            Execute($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{_name}'");
    }

    public void DropDatabase() => Execute($"DROP DATABASE IF EXISTS {_name} WITH (FORCE)");

    public void Dispose() => Execute($"DROP SCHEMA {_name} CASCADE");

    private static string? Try()
    {
        try
        {
            Execute("SELECT 1", new NpgsqlConnectionStringBuilder(Server) { Timeout = 2 }.ToString());
            return null;
        }
        catch (Exception e) when (e is NpgsqlException or ArgumentException)
        {
            return e.Message;
        }
    }
}
