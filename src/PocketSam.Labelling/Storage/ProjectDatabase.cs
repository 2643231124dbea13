using System.Data;
using System.Data.Common;
using PocketSam.Labelling.Api;

namespace PocketSam.Labelling.Storage;

/// <summary>
/// The database of a project: connections, transactions, and the differences between database systems.
/// </summary>
internal abstract class ProjectDatabase : IDisposable
{
    private const int MaxAttempts = 5;

    /// <summary>
    /// Admits one write transaction of this process at a time, so that none fails because of another.
    /// </summary>
    private readonly SemaphoreSlim _writing = new(1, 1);

    /// <summary>The name in messages, without the password.</summary>
    public abstract string Name { get; }

    /// <summary>The SQL type of an identity column, whose values are never used again.</summary>
    public abstract string IdentityColumn { get; }

    /// <summary>The SQL type of a text column that is ordered by bytes.</summary>
    public abstract string OrderedText { get; }

    /// <summary>The end of a query that locks its rows until the transaction ends.</summary>
    public abstract string ForUpdate { get; }

    /// <summary>Creates or migrates the tables, after a check that the database can be used.</summary>
    /// <exception cref="IOException">The database cannot be used; the message is one line.</exception>
    public abstract Task PrepareAsync();

    /// <summary>Reads a consistent snapshot.</summary>
    /// <exception cref="LabelException">The database fails.</exception>
    public async Task<T> ReadAsync<T>(Func<DbSession, Task<T>> read)
    {
        try
        {
            return await RunAsync(read, IsolationLevel.RepeatableRead, isWrite: false);
        }
        catch (DbException e)
        {
            throw Explain(e);
        }
    }

    /// <summary>Writes in one transaction, which is on the disk when the task completes.</summary>
    /// <param name="write">Makes the changes; may run more than once.</param>
    /// <exception cref="LabelException">The database fails.</exception>
    public async Task<T> WriteAsync<T>(Func<DbSession, Task<T>> write)
    {
        await _writing.WaitAsync();
        try
        {
            for (int attempt = 1;; attempt++)
            {
                try
                {
                    return await RunAsync(write, IsolationLevel.ReadCommitted, isWrite: true);
                }
                catch (DbException e) when (attempt < MaxAttempts && IsCollision(e))
                {
                    // A transaction of another process conflicts with this one, which is rolled back.
                }
                catch (DbException e)
                {
                    throw Explain(e);
                }
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>As <see cref="WriteAsync{T}"/>, without a result.</summary>
    public Task WriteAsync(Func<DbSession, Task> write) => WriteAsync(async session =>
    {
        await write(session);
        return true;
    });

    /// <summary>Whether a table exists.</summary>
    public abstract Task<bool> HasTableAsync(DbSession session, string table);

    /// <summary>Locks the schema against migration by other processes, until the transaction ends.</summary>
    public abstract Task LockSchemaAsync(DbSession session);

    /// <summary>Copies the project to a file.</summary>
    /// <param name="path">A file that does not exist.</param>
    /// <returns>False if the database system has its own way to copy a database.</returns>
    public abstract bool TryCopyTo(string path);

    public virtual void Dispose() => _writing.Dispose();

    /// <summary>Opens a connection.</summary>
    protected abstract Task<DbConnection> OpenAsync();

    /// <summary>Converts an error of the database to a failure for the client.</summary>
    protected abstract LabelException Explain(DbException error);

    /// <summary>
    /// Whether the transaction is rolled back because of a conflict with another, and may be repeated.
    /// </summary>
    protected abstract bool IsCollision(DbException error);

    private async Task<T> RunAsync<T>(Func<DbSession, Task<T>> work, IsolationLevel isolation, bool isWrite)
    {
        await using DbConnection connection = await OpenAsync();
        await using DbTransaction transaction = await BeginAsync(connection, isolation, isWrite);
        T result = await work(new DbSession(connection, transaction, this));
        await transaction.CommitAsync();
        return result;
    }

    /// <summary>Begins a transaction.</summary>
    protected virtual ValueTask<DbTransaction> BeginAsync(DbConnection connection, IsolationLevel isolation, bool isWrite)
        => connection.BeginTransactionAsync(isolation);
}
