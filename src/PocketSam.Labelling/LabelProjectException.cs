namespace PocketSam.Labelling;

/// <summary>A project that cannot be opened or changed; the message is one line for people.</summary>
public sealed class LabelProjectException : IOException
{
    /// <summary>With a message.</summary>
    public LabelProjectException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
