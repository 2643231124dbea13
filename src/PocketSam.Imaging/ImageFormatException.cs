namespace PocketSam.Imaging;

/// <summary>Not a picture this library can read or write; the message names the file and says why.</summary>
public sealed class ImageFormatException : IOException
{
    /// <summary>Puts the message together: <c>photo.jpg: truncated JPEG</c>.</summary>
    /// <param name="name">The file as the caller named it.</param>
    /// <param name="reason">What is wrong with it.</param>
    public ImageFormatException(string name, string reason)
        : base($"{name}: {reason}")
    {
    }
}
