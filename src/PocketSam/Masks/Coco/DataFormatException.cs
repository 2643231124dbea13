namespace PocketSam;

/// <summary>A data set that cannot be used; the message names the file and what in it is wrong.</summary>
public sealed class DataFormatException : IOException
{
    /// <summary>States which file is wrong and why.</summary>
    /// <param name="path">The file.</param>
    /// <param name="reason">What is wrong with it.</param>
    /// <param name="innerException">What was thrown by the part that noticed, if any.</param>
    public DataFormatException(string path, string reason, Exception? innerException = null)
        : base($"{path}: {reason}", innerException)
    {
        Path = path;
    }

    /// <summary>Passes on what was said before.</summary>
    /// <param name="message">Names the file and what is wrong with it.</param>
    internal DataFormatException(string message)
        : base(message) => Path = "";

    /// <summary>The file that is wrong.</summary>
    public string Path { get; }
}
