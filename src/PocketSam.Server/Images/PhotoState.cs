namespace PocketSam.Server.Images;

/// <summary>State of a picture.</summary>
internal enum PhotoState
{
    /// <summary>It waits to be encoded.</summary>
    Queued,

    /// <summary>It is being encoded.</summary>
    Encoding,

    /// <summary>It is encoded and accepts prompts.</summary>
    Ready,

    /// <summary>Its encoding failed.</summary>
    Failed,
}
