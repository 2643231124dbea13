using PocketSam.Imaging;

namespace PocketSam.Cli.Pictures;

/// <summary>The one picture of a command: a file, or what standard input brings.</summary>
internal static class PictureInput
{
    /// <summary>Reads it.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static RgbImage Read(string path, Terminal terminal, ImageReadOptions options, CancellationToken cancellation)
        => path == StandardStreams.Name
            ? ImageFile.Decode(terminal.ReadInput(), StandardStreams.InputName, options, cancellation)
            : ImageFile.Read(path, options, cancellation);

    /// <summary>The upright size from the header.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static (int Width, int Height) ReadSize(string path, Terminal terminal) => path == StandardStreams.Name
        ? ImageFile.ReadSize(terminal.ReadInput(), StandardStreams.InputName) : ImageFile.ReadSize(path);

    /// <summary>What results call it.</summary>
    public static string NameOf(string path) => path == StandardStreams.Name ? "stdin" : path;

    /// <summary>What files about it are called that are asked for without a name.</summary>
    public static string StemOf(string path) => Path.GetFileNameWithoutExtension(NameOf(path));
}
