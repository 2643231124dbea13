namespace PocketSam.Imaging;

/// <summary>A picture cannot be read or written; the message names the file and the reason.</summary>
public sealed class ImageFormatException : IOException
{
    /// <summary>Makes the message <c>name: reason</c>, for example <c>photo.jpg: truncated JPEG</c>.</summary>
    /// <param name="name">Name of the file as the caller gives it.</param>
    /// <param name="reason">What is wrong with it.</param>
    public ImageFormatException(string name, string reason)
        : base($"{name}: {reason}")
    {
    }
}
