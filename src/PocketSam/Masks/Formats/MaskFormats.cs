using PocketSam.Masks.Formats;

namespace PocketSam;

/// <summary>A registry of mask formats by name. Immutable.</summary>
public sealed class MaskFormats
{
    private readonly MaskFormat[] _formats;

    /// <summary>A registry of formats.</summary>
    /// <param name="formats">The formats, in listing order.</param>
    /// <exception cref="ArgumentException">Two formats have the same name.</exception>
    public MaskFormats(params IEnumerable<MaskFormat> formats)
    {
        _formats = [.. formats];
        Names = [.. _formats.Select(format => format.Name)];
        if (_formats.DistinctBy(format => format.Name, StringComparer.OrdinalIgnoreCase).Count() != _formats.Length)
            throw new ArgumentException($"names of formats occur twice: {string.Join(", ", Names)}", nameof(formats));
    }

    /// <summary>
    /// The text formats: <c>coco</c> (a COCO data set with run-length encodings), <c>yolo</c> (label lines of YOLO's
    /// segmentation models), <c>labelme</c> (a file of the annotation tool), <c>svg</c> (a drawing over the picture),
    /// <c>geojson</c> (polygons with holes, in pixels).
    /// </summary>
    public static MaskFormats Text { get; }
        = new(new CocoFormat(), new YoloFormat(), new LabelMeFormat(), new SvgFormat(), new GeoJsonFormat());

    /// <summary>All names, in order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>All formats, in order.</summary>
    public IReadOnlyList<MaskFormat> All => _formats;

    /// <summary>The format with a name, ignoring case.</summary>
    /// <exception cref="ArgumentException">There is no such format; the message lists the names.</exception>
    public MaskFormat this[string name]
        => Find(name)
        ?? throw new ArgumentException($"format '{name}': there are {string.Join(", ", Names)}", nameof(name));

    /// <summary>The format with a name, ignoring case; null if there is none.</summary>
    public MaskFormat? Find(string name)
        => Array.Find(_formats, format => format.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
