namespace PocketSam.Server.Stores;

/// <summary>Opens the store that <see cref="PocketSamOptions.Store"/> names.</summary>
internal static class StoreName
{
    private const string Memory = "memory", Folder = "folder:", Redis = "redis:";

    /// <summary>Opens the store; null for <c>memory</c>.</summary>
    /// <exception cref="IOException">The store cannot be reached.</exception>
    public static IBlobStore? Open(string name, TimeSpan age, TimeProvider time) => name switch
    {
        Memory => null,
        _ when name.StartsWith(Folder, StringComparison.Ordinal) => new FolderStore(name[Folder.Length..], age, time),
        _ => new RedisStore(name[Redis.Length..], age),
    };
}
