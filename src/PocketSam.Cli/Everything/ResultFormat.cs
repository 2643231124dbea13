using PocketSam.Imaging.Exports;

namespace PocketSam.Cli.Everything;

/// <summary>What the masks of a picture are written as: one of <see cref="MaskExport"/>'s formats, or SAM's own list.</summary>
/// <param name="name">One of <see cref="Names"/>.</param>
/// <param name="tolerance">Pixels that outlines may lie off.</param>
internal sealed class ResultFormat(string name, double tolerance)
{
    /// <summary>The records of SAM's generator.</summary>
    public const string Records = "json";

    /// <summary>All that can be asked for.</summary>
    public static string[] Names => [Records, .. MaskExport.Names];

    /// <summary>Whether a result is a folder.</summary>
    public bool IsFolder => name != Records && MaskExport.IsFolder(MaskExport.Parse(name));

    /// <summary>How names of results end; empty for folders.</summary>
    public string Extension => IsFolder ? ""
        : name == Records ? new EverythingFormat().Extension : MaskExport.FileFormat(MaskExport.Parse(name), tolerance).Extension;

    /// <summary>
    /// Writes the masks of a picture, whole or not at all: a folder gets its name, and takes the place of one that is there,
    /// when it is complete.
    /// </summary>
    /// <exception cref="IOException">A file or folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Write(string path, AnnotatedPicture picture, RgbImage photo, CancellationToken cancellation)
    {
        if (name == Records)
        {
            new EverythingFormat().Write(path, picture);
            return;
        }

        ExportFormat format = MaskExport.Parse(name);
        if (!IsFolder)
        {
            MaskExport.Write(path, format, picture, photo, tolerance, cancellation);
            return;
        }

        path = Path.TrimEndingDirectorySeparator(path);
        string partial = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            MaskExport.Write(partial, format, picture, photo, tolerance, cancellation);
            Rename(partial, path);
        }
        finally
        {
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
        }
    }

    private static void Rename(string partial, string path)
    {
        try
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
            Directory.Move(partial, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path}: cannot be written ({e.Message})", e);
        }
    }
}
