namespace PocketSam.Server.Stores;

/// <summary>What replicas of the service share: bytes by key, which are forgotten a while after they were last asked for.</summary>
internal interface IBlobStore : IDisposable
{
    /// <summary>Writes a value, whole or not at all, in place of an older one.</summary>
    /// <exception cref="IOException">The store does not take it.</exception>
    Task WriteAsync(string key, byte[] value, CancellationToken cancellation);

    /// <summary>Reads a value; null where there is none.</summary>
    /// <exception cref="IOException">The store cannot be read.</exception>
    Task<byte[]?> ReadAsync(string key, CancellationToken cancellation);

    /// <summary>Whether there is such a value; its age begins anew.</summary>
    /// <exception cref="IOException">The store cannot be asked.</exception>
    Task<bool> TouchAsync(string key, CancellationToken cancellation);

    /// <summary>Removes a value if there is one; whether there was.</summary>
    /// <exception cref="IOException">The store cannot be reached.</exception>
    Task<bool> RemoveAsync(string key, CancellationToken cancellation);
}
