using PocketSam.Imaging;

namespace PocketSam.Cli.Pictures;

/// <summary>Where painted pictures go.</summary>
internal static class PictureOutput
{
    /// <summary>Writes a picture to a file, or as PNG to standard output.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, RgbImage image, Terminal terminal)
    {
        if (path == StandardStreams.Name)
            terminal.WriteBytes(stream => stream.Write(ImageFile.EncodePng(image)));
        else
            ImageFile.Write(path, image);
    }
}
