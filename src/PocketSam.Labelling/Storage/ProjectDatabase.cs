using System.Data;
using System.Data.Common;
using PocketSam.Labelling.Api;

namespace PocketSam.Labelling.Storage;

/// <summary>Where a project lies: connections, transactions, and what differs between databases.</summary>
internal abstract class ProjectDatabase : IDisposable
{
    private const int MaxAttempts = 5;

    /// <summary>Changes of this process come one after the other: none fails because of another.</summary>
    private readonly SemaphoreSlim _writing = new(1, 1);

    /// <summary>What messages call it; no password.</summary>
    public abstract string Name { get; }

    /// <summary>The type of a column that numbers its rows, never the same twice.</summary>
    public abstract string IdentityColumn { get; }

    /// <summary>The type of a text that is ordered by its bytes.</summary>
    public abstract string OrderedText { get; }

    /// <summary>What a query ends in whose rows nobody else may change until the transaction ends.</summary>
    public abstract string ForUpdate { get; }

    /// <summary>Makes the project ready, or refuses it.</summary>
    /// <exception cref="IOException">It cannot be used; one line says why.</exception>
    public abstract Task PrepareAsync();

    /// <summary>Reads; what is read is of one moment.</summary>
    /// <exception cref="LabelException">The database cannot answer.</exception>
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

    /// <summary>Writes, all or nothing; when this returns it is on the disk.</summary>
    /// <param name="write">May run more than once.</param>
    /// <exception cref="LabelException">The database cannot answer.</exception>
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
                    // Another process was at the same rows: nothing was written.
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

    /// <summary>As <see cref="WriteAsync{T}"/>, without an answer.</summary>
    public Task WriteAsync(Func<DbSession, Task> write) => WriteAsync(async session =>
    {
        await write(session);
        return true;
    });

    /// <summary>Whether a table is there.</summary>
    public abstract Task<bool> HasTableAsync(DbSession session, string table);

    /// <summary>Holds other processes off that would make the tables at the same time.</summary>
    public abstract Task LockSchemaAsync(DbSession session);

    /// <summary>Writes a copy of the project to a file; false where copies are the database's own business.</summary>
    /// <param name="path">A file that is not there.</param>
    public abstract bool TryCopyTo(string path);

    public virtual void Dispose() => _writing.Dispose();

    /// <summary>An open connection.</summary>
    protected abstract Task<DbConnection> OpenAsync();

    /// <summary>What a failure is to people.</summary>
    protected abstract LabelException Explain(DbException error);

    /// <summary>Whether the transaction was undone because of another one, and may be tried again.</summary>
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
