namespace PocketSam.Server.Stores;

/// <summary>Where pictures are shared, by <see cref="PocketSamOptions.Store"/>, which is one of these.</summary>
internal static class StoreName
{
    private const string Memory = "memory", Folder = "folder:", Redis = "redis:";

    /// <summary>Opens the store; null where pictures are not shared.</summary>
    /// <exception cref="IOException">It cannot be reached.</exception>
    public static IBlobStore? Open(string name, TimeSpan age, TimeProvider time) => name switch
    {
        Memory => null,
        _ when name.StartsWith(Folder, StringComparison.Ordinal) => new FolderStore(name[Folder.Length..], age, time),
        _ => new RedisStore(name[Redis.Length..], age),
    };
}
