using PocketSam.Imaging;

namespace PocketSam.Cli.Everything;

/// <summary>
/// The format in which the masks of a picture are written: one of <see cref="PictureFormats"/>, or SAM's own records.
/// </summary>
/// <param name="name">One of <see cref="Names"/>.</param>
/// <param name="tolerance">Largest distance in pixels of an outline from the mask's border.</param>
internal sealed class ResultFormat(string name, double tolerance)
{
    /// <summary>The records of SAM's generator.</summary>
    public const string Records = "json";

    /// <summary>The format whose files can be merged.</summary>
    public const string Coco = "coco";

    /// <summary>Names of all formats.</summary>
    public static string[] Names => [Records, .. PictureFormats.All.Names];

    /// <summary>The mask format; null for SAM's records.</summary>
    private MaskFormat? Format { get; } = name == Records ? null : PictureFormats.All[name];

    /// <summary>Whether a result is a folder.</summary>
    public bool IsFolder => Format is { IsFilePerMask: true };

    /// <summary>Extension of results; empty for folders.</summary>
    public string Extension => IsFolder ? "" : Format?.Extension ?? ".json";

    /// <summary>Names of files that the format writes beside those of the pictures.</summary>
    public IReadOnlyList<string> FurtherFiles => Format?.FurtherFiles ?? [];

    /// <summary>
    /// Name of a picture's result, as readers of the format expect it: the picture's name without its extension, plus
    /// that of the format.
    /// </summary>
    /// <param name="picture">The picture's name.</param>
    public string NameFor(string picture) => Path.ChangeExtension(picture, null) + Extension;

    /// <summary>
    /// Writes the masks of a picture completely or not at all; a complete folder replaces an existing one.
    /// </summary>
    /// <param name="path">Path of the file or folder.</param>
    /// <param name="picture">Path of the picture.</param>
    /// <param name="photo">The pixels of the picture.</param>
    /// <param name="masks">The masks.</param>
    /// <param name="cancellation">Checked between files.</param>
    /// <param name="labels">The class of each mask, for formats that have classes; null if unknown.</param>
    /// <exception cref="IOException">A file or folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was cancelled.</exception>
    public void Write(
        string path, string picture, RgbImage photo, IReadOnlyList<GeneratedMask> masks, CancellationToken cancellation,
        IReadOnlyList<string>? labels = null)
    {
        if (Format is not { } format)
        {
            GeneratedMaskFile.Write(path, picture, photo.Width, photo.Height, masks);
            return;
        }

        var annotated = new AnnotatedPicture(picture, photo.Width, photo.Height, Labelled(masks, labels)) { Photo = photo };
        if (format.IsFilePerMask)
            AtomicFolder.Write(path, folder => format.Write(folder, annotated, tolerance, cancellation));
        else
            format.Write(path, annotated, tolerance, cancellation);
    }

    /// <summary>Writes the masks of a picture to a stream, in a format with one file.</summary>
    public void Write(
        Stream stream, string picture, RgbImage photo, IReadOnlyList<GeneratedMask> masks, IReadOnlyList<string>? labels = null)
    {
        if (Format is not { } format)
        {
            GeneratedMaskFile.Write(stream, picture, photo.Width, photo.Height, masks);
            return;
        }

        var annotated = new AnnotatedPicture(picture, photo.Width, photo.Height, Labelled(masks, labels));
        format.Files(annotated, tolerance).First().Write(stream);
    }

    private static Annotation[] Labelled(IReadOnlyList<GeneratedMask> masks, IReadOnlyList<string>? labels)
        => [.. masks.Select((mask, i) => mask.ToAnnotation() with { Label = labels?[i] })];

    /// <summary>The options that determine the contents of the files.</summary>
    public override string ToString() => FormattableString.Invariant($"{name} tolerance {tolerance}");
}
