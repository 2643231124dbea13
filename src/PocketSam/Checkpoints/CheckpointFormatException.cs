namespace PocketSam;

/// <summary>A checkpoint that cannot be used; the message names the file, the tensor where there is one, and why.</summary>
public sealed class CheckpointFormatException : IOException
{
    /// <summary>A message is a line: names from files can be of any length and hold anything.</summary>
    private const int LongestReason = 500;

    /// <summary>An error of the checkpoint <paramref name="source"/> (a path or a name).</summary>
    public CheckpointFormatException(string source, string reason, Exception? inner = null)
        : base($"{source}: {Line(reason)}", inner)
        => Reason = Line(reason);

    /// <summary>The message without the file's name.</summary>
    public string Reason { get; }

    private static string Line(string reason)
        => string.Concat(reason.Take(LongestReason).Select(c => char.IsControl(c) ? '?' : c))
        + (reason.Length > LongestReason ? " ..." : "");
}
