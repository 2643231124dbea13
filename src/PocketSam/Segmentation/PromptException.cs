namespace PocketSam;

/// <summary>A prompt is empty, invalid, or outside its picture; the message says which.</summary>
public sealed class PromptException : ArgumentException
{
    /// <summary>An error with a message.</summary>
    public PromptException(string message)
        : base(message)
    {
    }
}
