namespace PocketSam;

/// <summary>What a path leads to.</summary>
public enum FileKind
{
    /// <summary>An ordinary file.</summary>
    Plain,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A device, a pipe, a socket.</summary>
    Special,
}
