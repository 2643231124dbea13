namespace PocketSam;

/// <summary>A prompt that asks for nothing, or for something outside its picture; the message says which.</summary>
public sealed class PromptException : ArgumentException
{
    /// <summary>States what is wrong.</summary>
    public PromptException(string message)
        : base(message)
    {
    }
}
