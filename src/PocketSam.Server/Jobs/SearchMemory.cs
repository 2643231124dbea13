namespace PocketSam.Server.Jobs;

/// <summary>Memory of searches for masks.</summary>
internal static class SearchMemory
{
    /// <summary>Bytes for the prompts of a search: half of what one alone may take, as there may be two.</summary>
    public const long Budget = 128 << 20;
}
