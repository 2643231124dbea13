namespace PocketSam.Checkpoints;

/// <summary>A checkpoint that cannot be used; the message names the file, the tensor where there is one, and why.</summary>
public sealed class CheckpointFormatException : IOException
{
    /// <summary>An error of the checkpoint <paramref name="source"/> (a path or a name).</summary>
    public CheckpointFormatException(string source, string reason, Exception? inner = null)
        : base($"{source}: {reason}", inner)
        => Reason = reason;

    /// <summary>The message without the file's name.</summary>
    public string Reason { get; }
}
