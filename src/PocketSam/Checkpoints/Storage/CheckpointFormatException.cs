namespace PocketSam;

/// <summary>
/// A checkpoint cannot be used; the message names the file, the tensor if there is one, and the reason.
/// </summary>
public sealed class CheckpointFormatException : IOException
{
    /// <summary>
    /// Longest reason in characters. Names in files can have any length and content, and a message is one line.
    /// </summary>
    private const int LongestReason = 500;

    /// <summary>An error in the checkpoint <paramref name="source"/> (a path or a name).</summary>
    public CheckpointFormatException(string source, string reason, Exception? inner = null)
        : base($"{source}: {Line(reason)}", inner)
        => Reason = Line(reason);

    /// <summary>The message without the name of the file.</summary>
    public string Reason { get; }

    private static string Line(string reason)
        => string.Concat(reason.Take(LongestReason).Select(c => char.IsControl(c) ? '?' : c))
        + (reason.Length > LongestReason ? " ..." : "");
}
