namespace PocketSam;

/// <summary>A data set is invalid; the message names the file and the reason.</summary>
public sealed class DataFormatException : IOException
{
    /// <summary>Names the file and the reason.</summary>
    /// <param name="path">The file.</param>
    /// <param name="reason">What is wrong with it.</param>
    /// <param name="innerException">The cause, if any.</param>
    public DataFormatException(string path, string reason, Exception? innerException = null)
        : base($"{path}: {reason}", innerException)
    {
        Path = path;
    }

    /// <summary>An error without a path of its own.</summary>
    /// <param name="message">The message, which names the file and the reason.</param>
    internal DataFormatException(string message)
        : base(message) => Path = "";

    /// <summary>The invalid file; empty if only the message names it.</summary>
    public string Path { get; }
}
