namespace PocketSam.Server.Images;

/// <summary>How far a picture has come.</summary>
internal enum PhotoState
{
    /// <summary>It waits to be encoded.</summary>
    Queued,

    /// <summary>It is being encoded.</summary>
    Encoding,

    /// <summary>It takes prompts.</summary>
    Ready,

    /// <summary>It could not be encoded.</summary>
    Failed,
}
