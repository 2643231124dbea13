using PocketSam.Imaging;

namespace PocketSam.Cli.Pictures;

/// <summary>Writes output pictures.</summary>
internal static class PictureOutput
{
    /// <summary>Writes a picture to a file, or as PNG to standard output.</summary>
    /// <exception cref="IOException">The picture cannot be written.</exception>
    public static void Write(string path, RgbImage image, Terminal terminal)
    {
        if (path == StandardStreams.Name)
            terminal.WriteBytes(stream => stream.Write(ImageFile.EncodePng(image)));
        else
            ImageFile.Write(path, image);
    }
}
