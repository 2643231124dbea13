using System.Data.Common;

namespace PocketSam.Labelling.Storage;

/// <summary>Runs statements on one connection, within its transaction if there is one.</summary>
internal sealed class DbSession(DbConnection connection, DbTransaction? transaction, ProjectDatabase database)
{
    /// <summary>The database of the connection.</summary>
    public ProjectDatabase Database { get; } = database;

    /// <summary>Runs a statement; returns the number of changed rows.</summary>
    public async Task<int> ExecuteAsync(string sql, params (string Name, object? Value)[] values)
    {
        await using DbCommand command = Command(sql, values);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>Runs a query for one number; null if it has no row, or the value is null.</summary>
    public async Task<long?> NumberAsync(string sql, params (string Name, object? Value)[] values)
    {
        await using DbCommand command = Command(sql, values);
        return await command.ExecuteScalarAsync() is { } value and not DBNull ? Convert.ToInt64(value) : null;
    }

    /// <summary>Runs a query; returns all rows.</summary>
    public async Task<List<T>> QueryAsync<T>(string sql, Func<DbDataReader, T> read, params (string Name, object? Value)[] values)
    {
        await using DbCommand command = Command(sql, values);
        await using DbDataReader reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
            rows.Add(read(reader));
        return rows;
    }

    /// <summary>Runs a query; returns the first row, or null if there is none.</summary>
    public async Task<T?> FirstAsync<T>(string sql, Func<DbDataReader, T> read, params (string Name, object? Value)[] values)
        where T : class
    {
        List<T> rows = await QueryAsync(sql, read, values);
        return rows.Count > 0 ? rows[0] : null;
    }

    private DbCommand Command(string sql, (string Name, object? Value)[] values)
    {
        DbCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        foreach ((string name, object? value) in values)
        {
            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value ?? DBNull.Value;
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
