using PocketSam.Imaging;

namespace PocketSam.Cli.Pictures;

/// <summary>The picture of a command: a file or standard input.</summary>
internal static class PictureInput
{
    /// <summary>Reads the picture.</summary>
    /// <exception cref="IOException">The picture cannot be read.</exception>
    public static RgbImage Read(string path, Terminal terminal, ImageReadOptions options, CancellationToken cancellation)
        => path == StandardStreams.Name
            ? ImageFile.Decode(terminal.ReadInput(), StandardStreams.InputName, options, cancellation)
            : ImageFile.Read(path, options, cancellation);

    /// <summary>The upright size in pixels, from the header.</summary>
    /// <exception cref="IOException">The picture cannot be read.</exception>
    public static (int Width, int Height) ReadSize(string path, Terminal terminal) => path == StandardStreams.Name
        ? ImageFile.ReadSize(terminal.ReadInput(), StandardStreams.InputName) : ImageFile.ReadSize(path);

    /// <summary>The picture's name in results.</summary>
    public static string NameOf(string path) => path == StandardStreams.Name ? "stdin" : path;

    /// <summary>The name, without extension, of output files that are requested without a name.</summary>
    public static string StemOf(string path) => Path.GetFileNameWithoutExtension(NameOf(path));
}
