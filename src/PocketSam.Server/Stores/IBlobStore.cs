namespace PocketSam.Server.Stores;

/// <summary>Bytes by key that replicas of the service share. Values are removed a while after their last use.</summary>
internal interface IBlobStore : IDisposable
{
    /// <summary>Writes a value atomically, replacing an existing one.</summary>
    /// <exception cref="IOException">The store cannot be written.</exception>
    Task WriteAsync(string key, byte[] value, CancellationToken cancellation);

    /// <summary>Reads a value; null if there is none.</summary>
    /// <exception cref="IOException">The store cannot be read.</exception>
    Task<byte[]?> ReadAsync(string key, CancellationToken cancellation);

    /// <summary>Whether there is a value; renews its age.</summary>
    /// <exception cref="IOException">The store cannot be reached.</exception>
    Task<bool> TouchAsync(string key, CancellationToken cancellation);

    /// <summary>Removes a value; returns whether there was one.</summary>
    /// <exception cref="IOException">The store cannot be reached.</exception>
    Task<bool> RemoveAsync(string key, CancellationToken cancellation);
}
