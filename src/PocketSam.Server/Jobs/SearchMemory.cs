namespace PocketSam.Server.Jobs;

/// <summary>Memory limit of searches for masks.</summary>
internal static class SearchMemory
{
    /// <summary>Bytes for the prompts of one search: half of the library's default, since two may run.</summary>
    public const long Budget = 128 << 20;
}
