using StackExchange.Redis;

namespace PocketSam.Server.Stores;

/// <summary>Stores values in a Redis that all replicas reach; Redis itself expires them.</summary>
internal sealed class RedisStore : IBlobStore
{
    private const string Prefix = "pocketsam:";

    private readonly ConnectionMultiplexer _connection;
    private readonly TimeSpan _age;

    /// <param name="configuration">
    /// A configuration string of StackExchange.Redis: <c>HOST</c> or <c>HOST:PORT</c>, then options after commas.
    /// </param>
    /// <param name="age">How long a value is kept after its last use.</param>
    /// <exception cref="IOException">Redis cannot be reached.</exception>
    public RedisStore(string configuration, TimeSpan age)
    {
        _age = age;
        try
        {
            _connection = ConnectionMultiplexer.Connect(configuration);
        }
        catch (Exception e) when (e is RedisException or ArgumentException)
        {
            string host = configuration.Split(',')[0];
            throw new IOException($"redis:{host}: cannot be reached ({e.Message.ReplaceLineEndings(" ")})", e);
        }
    }

    private IDatabase Database => _connection.GetDatabase();

    public Task WriteAsync(string key, byte[] value, CancellationToken cancellation)
        => AskAsync(() => Database.StringSetAsync(Prefix + key, value, _age), cancellation);

    public async Task<byte[]?> ReadAsync(string key, CancellationToken cancellation)
        => await AskAsync(() => Database.StringGetAsync(Prefix + key), cancellation);

    public Task<bool> TouchAsync(string key, CancellationToken cancellation)
        => AskAsync(() => Database.KeyExpireAsync(Prefix + key, _age), cancellation);

    public Task<bool> RemoveAsync(string key, CancellationToken cancellation)
        => AskAsync(() => Database.KeyDeleteAsync(Prefix + key), cancellation);

    public void Dispose() => _connection.Dispose();

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask, CancellationToken cancellation)
    {
        try
        {
            return await ask().WaitAsync(cancellation);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            throw new IOException(e.Message, e);
        }
    }
}
