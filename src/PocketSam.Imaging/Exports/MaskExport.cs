using PocketSam.Segmentation;
using PocketSam.Segmentation.Exports;

namespace PocketSam.Imaging.Exports;

/// <summary>Writes masks in any <see cref="ExportFormat"/>, which it knows by name.</summary>
public static class MaskExport
{
    /// <summary>How far simplified outlines may lie from exact ones, in pixels, unless the caller says else.</summary>
    public const double DefaultTolerance = 1;

    private static readonly (string Name, ExportFormat Format)[] Table =
    [
        ("coco", ExportFormat.Coco),
        ("yolo", ExportFormat.Yolo),
        ("labelme", ExportFormat.LabelMe),
        ("svg", ExportFormat.Svg),
        ("geojson", ExportFormat.GeoJson),
        ("png-masks", ExportFormat.PngMasks),
        ("cutouts", ExportFormat.Cutouts),
    ];

    /// <summary>The names of all formats: <c>coco yolo labelme svg geojson png-masks cutouts</c>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Table.Select(entry => entry.Name)];

    /// <summary>The format of a name, in lower or upper case.</summary>
    /// <exception cref="ArgumentException">There is no such format; the message lists those that there are.</exception>
    public static ExportFormat Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach ((string known, ExportFormat format) in Table)
        {
            if (known.Equals(name, StringComparison.OrdinalIgnoreCase))
                return format;
        }

        throw new ArgumentException(
            $"'{name}' is no export format; there are {string.Join(", ", Names)}", nameof(name));
    }

    /// <summary>The name of a format.</summary>
    public static string NameOf(ExportFormat format) => Table.Single(entry => entry.Format == format).Name;

    /// <summary>Whether the format makes a folder of pictures, not a file.</summary>
    public static bool IsFolder(ExportFormat format) => format is ExportFormat.PngMasks or ExportFormat.Cutouts;

    /// <summary>The writer of a format that is one file.</summary>
    /// <param name="format">Any that is not <see cref="IsFolder"/>.</param>
    /// <param name="tolerance">
    /// How far, in pixels, outlines may lie from the exact ones; 0 keeps every corner. COCO's encodings are always
    /// exact.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The format makes a folder, or the tolerance is negative or not finite.
    /// </exception>
    public static MaskFileFormat FileFormat(ExportFormat format, double tolerance = DefaultTolerance) => format switch
    {
        ExportFormat.Coco => new CocoFormat(),
        ExportFormat.Yolo => new YoloFormat(tolerance),
        ExportFormat.LabelMe => new LabelMeFormat(tolerance),
        ExportFormat.Svg => new SvgFormat(tolerance),
        ExportFormat.GeoJson => new GeoJsonFormat(tolerance),
        _ => throw new ArgumentException($"{NameOf(format)} is a folder of pictures, not a file", nameof(format)),
    };

    /// <summary>Writes the masks of a picture; each file appears whole or not at all.</summary>
    /// <param name="path">The file, or the folder where the format <see cref="IsFolder"/>.</param>
    /// <param name="format">What to write.</param>
    /// <param name="picture">The picture's name and size, and the masks.</param>
    /// <param name="photo">The picture itself, which <see cref="ExportFormat.Cutouts"/> are cut from.</param>
    /// <param name="tolerance">See <see cref="FileFormat"/>.</param>
    /// <param name="cancellationToken">Looked at between the files of a folder; those written so far stay.</param>
    /// <exception cref="ArgumentException">
    /// A photo is needed and missing, or of another size; a bad tolerance.
    /// </exception>
    /// <exception cref="IOException">A file or folder cannot be written; the message names it.</exception>
    /// <exception cref="MissingLibraryException">
    /// A folder of pictures is asked for and the native part of SkiaSharp is missing.
    /// </exception>
    public static void Write(
        string path,
        ExportFormat format,
        AnnotatedPicture picture,
        RgbImage? photo = null,
        double tolerance = DefaultTolerance,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(picture);
        switch (format)
        {
            case ExportFormat.PngMasks:
                PictureFolder.WriteMasks(path, picture, cancellationToken);
                break;
            case ExportFormat.Cutouts when photo is null:
                throw new ArgumentException("cutouts need the photo", nameof(photo));
            case ExportFormat.Cutouts:
                PictureFolder.WriteCutouts(path, picture, photo, cancellationToken);
                break;
            default:
                FileFormat(format, tolerance).Write(path, picture);
                break;
        }
    }
}
