using PocketSam.Imaging;

namespace PocketSam.Cli.Everything;

/// <summary>What the masks of a picture are written as: one of <see cref="PictureFormats"/>, or SAM's own list.</summary>
/// <param name="name">One of <see cref="Names"/>.</param>
/// <param name="tolerance">Pixels that outlines may lie off.</param>
internal sealed class ResultFormat(string name, double tolerance)
{
    /// <summary>The records of SAM's generator.</summary>
    public const string Records = "json";

    /// <summary>The format whose files can be merged.</summary>
    public const string Coco = "coco";

    /// <summary>All that can be asked for.</summary>
    public static string[] Names => [Records, .. PictureFormats.All.Names];

    /// <summary>Null for the records of SAM's generator.</summary>
    private MaskFormat? Format { get; } = name == Records ? null : PictureFormats.All[name];

    /// <summary>Whether a result is a folder.</summary>
    public bool IsFolder => Format is { IsFilePerMask: true };

    /// <summary>How names of results end; empty for folders.</summary>
    public string Extension => IsFolder ? "" : Format?.Extension ?? ".json";

    /// <summary>Names of files that go beside those of the pictures.</summary>
    public IReadOnlyList<string> FurtherFiles => Format?.FurtherFiles ?? [];

    /// <summary>The result of a picture, named as readers of the format look for it: by the picture, without its extension.</summary>
    /// <param name="picture">The picture's name.</param>
    public string NameFor(string picture) => Path.ChangeExtension(picture, null) + Extension;

    /// <summary>
    /// Writes the masks of a picture, whole or not at all: a folder takes the place of one that is there when it is complete.
    /// </summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="picture">The picture's file.</param>
    /// <param name="photo">The picture itself.</param>
    /// <param name="masks">What was found in it.</param>
    /// <param name="cancellation">Looked at between files.</param>
    /// <param name="labels">What each mask shows, for formats that tell; null where nobody said.</param>
    /// <exception cref="IOException">A file or folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
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

    /// <summary>Writes the masks of a picture to a stream, as the one file of a format that has one.</summary>
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

    /// <summary>All that files of these options have in common.</summary>
    public override string ToString() => FormattableString.Invariant($"{name} tolerance {tolerance}");
}
