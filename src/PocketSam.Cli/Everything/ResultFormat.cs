using PocketSam.Imaging;

namespace PocketSam.Cli.Everything;

/// <summary>What the masks of a picture are written as: one of <see cref="PictureFormats"/>, or SAM's own list.</summary>
/// <param name="name">One of <see cref="Names"/>.</param>
/// <param name="tolerance">Pixels that outlines may lie off.</param>
internal sealed class ResultFormat(string name, double tolerance)
{
    /// <summary>The records of SAM's generator.</summary>
    public const string Records = "json";

    /// <summary>All that can be asked for.</summary>
    public static string[] Names => [Records, .. PictureFormats.All.Names];

    /// <summary>Null for the records of SAM's generator.</summary>
    private MaskFormat? Format { get; } = name == Records ? null : PictureFormats.All[name];

    /// <summary>Whether a result is a folder.</summary>
    public bool IsFolder => Format is { IsFilePerMask: true };

    /// <summary>How names of results end; empty for folders.</summary>
    public string Extension => IsFolder ? "" : Format?.Extension ?? ".json";

    /// <summary>
    /// Writes the masks of a picture, whole or not at all: a folder gets its name, and takes the place of one that is there,
    /// when it is complete.
    /// </summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="picture">The picture's file.</param>
    /// <param name="photo">The picture itself.</param>
    /// <param name="masks">What was found in it.</param>
    /// <param name="cancellation">Looked at between files.</param>
    /// <exception cref="IOException">A file or folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Write(
        string path, string picture, RgbImage photo, IReadOnlyList<GeneratedMask> masks, CancellationToken cancellation)
    {
        if (Format is not { } format)
        {
            GeneratedMaskFile.Write(path, picture, photo.Width, photo.Height, masks);
            return;
        }

        var annotated = new AnnotatedPicture(
            picture, photo.Width, photo.Height, [.. masks.Select(mask => mask.ToAnnotation())])
        {
            Photo = photo,
        };
        if (!format.IsFilePerMask)
        {
            format.Write(path, annotated, tolerance, cancellation);
            return;
        }

        path = Path.TrimEndingDirectorySeparator(path);
        string partial = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            format.Write(partial, annotated, tolerance, cancellation);
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
