using System.Globalization;
using System.IO.Compression;
using System.Text;
using PocketSam.Imaging.Exports;
using PocketSam.Segmentation;
using PocketSam.Segmentation.Exports;
using PocketSam.Server.Api;

namespace PocketSam.Server.Exports;

/// <summary>Makes files of masks, in memory.</summary>
internal static class Exporter
{
    private const string Cutout = "cutout";
    private const string Mask = "mask";

    private static readonly Dictionary<string, (ExportFormat Format, string ContentType)> Texts = new()
    {
        ["coco"] = (ExportFormat.Coco, "application/json"),
        ["yolo"] = (ExportFormat.Yolo, "text/plain; charset=utf-8"),
        ["labelme"] = (ExportFormat.LabelMe, "application/json"),
        ["svg"] = (ExportFormat.Svg, "image/svg+xml"),
        ["geojson"] = (ExportFormat.GeoJson, "application/geo+json"),
    };

    /// <summary>The names of all formats.</summary>
    public static IReadOnlyList<string> Formats { get; } = [.. Texts.Keys, Cutout, Mask];

    /// <summary>The file of a picture's masks.</summary>
    /// <param name="format">One of <see cref="Formats"/>.</param>
    /// <param name="pictureName">What the file is named after.</param>
    /// <param name="photo">The picture.</param>
    /// <param name="masks">Its masks.</param>
    /// <param name="cancellation">Looked at between pictures.</param>
    /// <exception cref="ApiException">There is nothing to cut out.</exception>
    public static ExportFile Write(
        string format, string pictureName, RgbImage photo, IReadOnlyList<MaskRecord> masks, CancellationToken cancellation)
    {
        string name = Path.GetFileNameWithoutExtension(pictureName);
        if (Texts.TryGetValue(format, out (ExportFormat Format, string ContentType) text))
        {
            MaskFileFormat writer = MaskExport.FileFormat(text.Format);
            using var stream = new MemoryStream();
            writer.Write(stream, new AnnotatedPicture(pictureName, photo.Width, photo.Height, masks));
            ReadOnlyMemory<byte> content = stream.GetBuffer().AsMemory(0, (int)stream.Length);
            IReadOnlyList<string> labels = new LabelIndex(masks).Names;
            return text.Format == ExportFormat.Yolo && labels.Count > 1
                ? PackWithClasses(name, content, labels)
                : new ExportFile(name + writer.Extension, text.ContentType, content);
        }

        masks = [.. masks.Where(mask => format == Mask || mask.Area > 0)];
        if (masks.Count == 0)
            throw new ApiException(422, "nothing_to_export", "all masks are empty");
        if (masks.Count == 1)
            return new ExportFile($"{name}-{format}.png", "image/png", Picture(format, photo, masks[0]));
        return new ExportFile($"{name}-{format}s.zip", "application/zip", Pack(masks.Select((mask, i) =>
        {
            cancellation.ThrowIfCancellationRequested();
            string entry = string.Create(CultureInfo.InvariantCulture, $"{name}-{format}-{i:d4}.png");
            return (entry, Picture(format, photo, mask));
        })));
    }

    /// <summary>Label lines number their classes; a list beside them says which is which.</summary>
    private static ExportFile PackWithClasses(string name, ReadOnlyMemory<byte> lines, IReadOnlyList<string> labels)
    {
        byte[] classes = Encoding.UTF8.GetBytes(string.Concat(labels.Select(label => $"{label}\n")));
        return new ExportFile(
            $"{name}-yolo.zip", "application/zip", Pack([($"{name}.txt", lines), ("classes.txt", classes)]));
    }

    private static ReadOnlyMemory<byte> Picture(string format, RgbImage photo, MaskRecord mask)
        => format == Mask ? MaskPicture.Encode(mask.Segmentation) : MaskPicture.EncodeCutout(mask.Segmentation, photo);

    /// <summary>PNG files do not get smaller by being packed again.</summary>
    private static ReadOnlyMemory<byte> Pack(IEnumerable<(string Name, ReadOnlyMemory<byte> Content)> files)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, ReadOnlyMemory<byte> content) in files)
            {
                using Stream entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(content.Span);
            }
        }

        return stream.GetBuffer().AsMemory(0, (int)stream.Length);
    }
}
