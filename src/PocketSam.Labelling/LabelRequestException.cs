namespace PocketSam.Labelling;

/// <summary>A change that cannot be made as it was asked; nothing was written.</summary>
/// <param name="status">The HTTP status that says so.</param>
/// <param name="message">One line for people.</param>
internal sealed class LabelRequestException(int status, string message) : Exception(message)
{
    /// <summary>404 of something that is not there, 409 of something that is in use, 422 of a value that does not fit.</summary>
    public int Status { get; } = status;
}
